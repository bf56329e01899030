import type { Divergence } from '../divergences.ts';
import type { ShapeMatch } from '../dtw.ts';
import { shapesDefaults } from '../dtw.ts';
import { ScoringError } from '../errors.ts';
import { isUsable } from '../internal/checks.ts';
import { excerpt } from '../internal/excerpt.ts';
import { withDefaults } from '../internal/options.ts';
import type { PatternBar, PatternsOptions, PatternsSnapshot } from '../patterns.ts';
import type { LinesSnapshot } from './lines.ts';
import { divergenceLineNames } from './lines.ts';

type Fields = Readonly<Record<string, unknown>>;
type Read = Pick<PatternsSnapshot, 'count' | 'last' | 'liveDivergences' | 'liveShapes'>;

/** What a snapshot of patterns says itself; throws `bad-snapshot` for what no snapshot says. */
export function readPatterns(snapshot: unknown, options: PatternsOptions): Read {
  const { v, indicator, count, last, liveShapes, liveDivergences, shapes, wyckoff } = fieldsOf(snapshot);
  if (v !== 1 || indicator !== 'patterns' || !isBar(count)) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "${String(indicator)}" version "${String(v)}" is not one of "patterns" version 1. ` +
        'Pass the snapshot as it was taken.',
      snapshot,
    );
  }
  for (const [name, inner] of Object.entries({ wyckoff, shapes })) {
    if (fieldsOf(inner)['count'] !== count) throw bad(`${name}.count`, fieldsOf(inner)['count']);
  }
  const isLast = (count === 0) === (last === null) && (last === null || isObject(last));
  if (!isLast) throw bad('last', last);
  return {
    count,
    last: last as PatternBar | null,
    liveShapes: readShapes(liveShapes, count, options),
    liveDivergences: readDivergences(liveDivergences, count),
  };
}

/** The lines of a snapshot, with states of as many bars as it says; what is in them their own readers look at. */
export function readLines(lines: unknown, count: number): LinesSnapshot {
  const { divergences, forgotten } = fieldsOf(lines);
  const counts = divergenceLineNames.map((name) => fieldsOf(fieldsOf(divergences)[name])['count']);
  if (!counts.every((one) => one === count)) throw bad('lines.divergences', divergences);
  const { method, snapshot } = fieldsOf(forgotten);
  const taken = method === 'push' ? count - 1 : method === 'replaceLast' ? count : undefined;
  if (forgotten !== null && (taken === undefined || fieldsOf(snapshot)['count'] !== taken)) {
    throw bad('lines.forgotten', forgotten);
  }
  return lines as LinesSnapshot;
}

function readShapes(given: unknown, count: number, { shapes = {} }: PatternsOptions): readonly ShapeMatch[] {
  const { templates, maxCost } = withDefaults(shapesDefaults, shapes);
  const sides = new Map(templates.map(({ name, side }) => [name, side]));
  if (!Array.isArray(given)) throw bad('liveShapes', given);
  const seen = new Set<string>();
  return [...(given as unknown[])].map((one) => {
    const { name, side, from, confirmedAt, cost } = fieldsOf(one);
    const isSound =
      typeof name === 'string' &&
      side !== undefined &&
      side === sides.get(name) &&
      isBar(from) &&
      isBar(confirmedAt) &&
      from <= confirmedAt &&
      confirmedAt < count &&
      typeof cost === 'number' &&
      cost >= 0 &&
      cost <= maxCost;
    // A shape is told at most once a bar.
    if (!isSound || seen.has(`${name} ${confirmedAt}`)) throw bad('liveShapes', one);
    seen.add(`${name} ${confirmedAt}`);
    return { name, side, from, confirmedAt, cost } as ShapeMatch;
  });
}

function readDivergences(given: unknown, count: number): Read['liveDivergences'] {
  if (!isObject(given) || Array.isArray(given)) throw bad('liveDivergences', given);
  const names: readonly string[] = divergenceLineNames;
  return Object.fromEntries(
    Object.entries(given).map(([line, list]) => {
      if (!names.includes(line) || !Array.isArray(list) || list.length < 1 || list.length > 2) {
        throw bad(`liveDivergences.${line}`, list);
      }
      const read = [...(list as unknown[])].map((one) => readDivergence(line, one, count));
      const [first, second] = read;
      if (second && (second.at !== first!.at || second.side === first!.side))
        throw bad(`liveDivergences.${line}`, list);
      return [line, read];
    }),
  );
}

function readDivergence(line: string, given: unknown, count: number): Divergence {
  const { side, kind, from, at, confirmedAt, prices, lines } = fieldsOf(given);
  const isSound =
    (side === 'bear' || side === 'bull') &&
    (kind === 'hidden' || kind === 'regular') &&
    isBar(from) &&
    isBar(at) &&
    isBar(confirmedAt) &&
    from < at &&
    at < confirmedAt &&
    confirmedAt < count &&
    isPair(prices) &&
    isPair(lines);
  if (!isSound) throw bad(`liveDivergences.${line}`, given);
  return { side, kind, from, at, confirmedAt, prices, lines };
}

function isPair(value: unknown): value is readonly [number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    [...(value as unknown[])].every((one) => typeof one === 'number' && isUsable(one))
  );
}

function isBar(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function bad(what: string, value: unknown): ScoringError {
  return new ScoringError(
    'bad-snapshot',
    `snapshot of "patterns" has "${excerpt(value)}" for ${what}, which no snapshot has. ` +
      'Pass the snapshot as it was taken.',
    value,
  );
}
