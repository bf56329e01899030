/** What the parts of a snapshot must be: what comes back from storage is checked by one of these before it is believed. */
import { exactFromJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
/** Gives the path of the first part of a value that is not what it must be (`''` for all of it), `undefined` for none. */
export type Shape = (value: unknown) => string | undefined;

/** A shape of values for which something holds; only called with what has the type that it asks for. */
/* @__NO_SIDE_EFFECTS__ */
export function where<T>(shape: Shape, holds: (value: T) => boolean): Shape {
  return (value) => shape(value) ?? (holds(value as T) ? undefined : '');
}

/** Is checked elsewhere: options by what reads them, the snapshot of a part by its own module. */
export const anything: Shape = () => undefined;

// What has no effect costs nothing where no snapshot is restored: bundlers may drop it.
const of = /* @__NO_SIDE_EFFECTS__ */ (holds: (value: unknown) => boolean): Shape => where(anything, holds);

export const flag: Shape = of((value) => typeof value === 'boolean');
export const text: Shape = of((value) => typeof value === 'string');
export const finite: Shape = of((value) => Number.isFinite(value));
/** A finite number from 0 on. */
export const amount: Shape = of((value) => Number.isFinite(value) && (value as number) >= 0);
/** A safe integer: ticks. */
export const whole: Shape = of((value) => Number.isSafeInteger(value));
/** A safe integer from 0 on: lots, or how often. */
export const count: Shape = of((value) => Number.isSafeInteger(value) && (value as number) >= 0);
/** An exact integer as JSON. */
export const exact: Shape = of((value) => exactOf(value) !== undefined);
/** An exact integer from 0 on, as JSON. */
export const exactCount: Shape = of((value) => (exactOf(value) ?? -1) >= 0);

/* @__NO_SIDE_EFFECTS__ */
export function oneOf(...values: readonly unknown[]): Shape {
  return of((value) => values.includes(value));
}

/* @__NO_SIDE_EFFECTS__ */
export function orNull(shape: Shape): Shape {
  return (value) => (value === null ? undefined : shape(value));
}

/* @__NO_SIDE_EFFECTS__ */
export function listOf(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return '';
    for (const [i, item] of value.entries()) {
      const fault = shape(item);
      if (fault !== undefined) return join(String(i), fault);
    }
    return undefined;
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function tupleOf(...shapes: readonly Shape[]): Shape {
  return (value) => {
    if (!Array.isArray(value) || value.length !== shapes.length) return '';
    return fieldsOf(value as never, shapes as never);
  };
}

/** An object with these fields. Others are found by the snapshot that the restored reducer gives. */
/* @__NO_SIDE_EFFECTS__ */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
    return fieldsOf(value as Readonly<Record<string, unknown>>, shapes);
  };
}

/** An object with the same shape in every field. */
/* @__NO_SIDE_EFFECTS__ */
export function allFields(shape: Shape): Shape {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
    for (const [name, inner] of Object.entries(value)) {
      const fault = shape(inner);
      if (fault !== undefined) return join(name, fault);
    }
    return undefined;
  };
}

/** How often things were seen, by these names. */
/* @__NO_SIDE_EFFECTS__ */
export function countsOf(...names: readonly string[]): Shape {
  return fields(Object.fromEntries(names.map((name) => [name, count])));
}

/** How often things were seen, for counts that are read one by one. */
export const counts: Shape = allFields(count);

/** A quote on a grid. */
export const quoteShape: Shape = fields({ bidTicks: whole, bidLots: count, askTicks: whole, askLots: count });

/** Whether what a list holds is in order. */
export function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || values[i - 1]! <= value);
}

function fieldsOf(
  value: Readonly<Record<string, unknown>>,
  shapes: Readonly<Record<string, Shape>>,
): string | undefined {
  for (const [name, shape] of Object.entries(shapes)) {
    const fault = shape(value[name]);
    if (fault !== undefined) return join(name, fault);
  }
  return undefined;
}

function join(name: string, rest: string): string {
  return rest === '' ? name : `${name}.${rest}`;
}

function exactOf(value: unknown): ExactInt | undefined {
  try {
    return exactFromJson(value as ExactIntJson);
  } catch {
    return undefined;
  }
}
