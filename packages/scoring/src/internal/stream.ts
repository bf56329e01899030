import { ScoringError } from '../errors.ts';
import type { IndicatorSnapshot, IndicatorStream } from '../indicators/indicator-stream.ts';
import type { InputKind } from './bar-input.ts';
import { checkReplaceable } from './open-bar.ts';
import { checkSnapshot, fromSnapshot } from './snapshots.ts';
import type { Part } from './windows/part.ts';
import { SavedNumbers } from './windows/part.ts';

/** The arithmetic of a streaming indicator, with inputs that were checked. */
export interface Machine<Input, Output> extends Part {
  push(input: Input): Output | undefined;
}

/** What makes an indicator a stream. */
export interface StreamDefinition<Input, Output, Options extends object> {
  readonly name: string;
  readonly defaults: Required<Options>;
  readonly input: InputKind<Input>;
  /** Throws `bad-option`. */
  check(options: Required<Options>): void;
  machine(options: Required<Options>): Machine<Input, Output>;
}

export function createStream<Input, Output, Options extends object>(
  definition: StreamDefinition<Input, Output, Options>,
  options: Options,
): IndicatorStream<Input, Output> {
  const complete = completeOptions(definition.defaults, options);
  definition.check(complete);
  return start(definition, complete, definition.machine(complete), 0, undefined);
}

export function restoreStream<Input, Output, Options extends object>(
  definition: StreamDefinition<Input, Output, Options>,
  snapshot: IndicatorSnapshot,
  options: Options,
): IndicatorStream<Input, Output> {
  const { name, defaults, input } = definition;
  const given: Partial<IndicatorSnapshot> = typeof snapshot === 'object' && (snapshot as unknown) ? snapshot : {};
  const names = Object.keys(defaults);
  checkSnapshot({ ...given.options, v: given.v, indicator: given.indicator }, name, names, options);
  const complete = Object.fromEntries(names.map((key) => [key, given.options![key]])) as unknown as Required<Options>;
  fromSnapshot(name, () => definition.check(complete));
  const machine = definition.machine(complete);
  const count = new SavedNumbers([given.count], Number.MAX_SAFE_INTEGER).count();
  if (count === 0) return start(definition, complete, machine, 0, undefined);
  let last: Input;
  try {
    last = input.copy(input.fromNumbers(given.last ?? []), count - 1);
  } catch (cause) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "${name}" has "${String(given.last)}" as its last bar. Pass the snapshot as it was taken.`,
      cause,
    );
  }
  const state = new SavedNumbers(given.state, largestStateOf(last));
  machine.load(state);
  state.end();
  machine.push(last);
  return start(definition, complete, machine, count, last);
}

/** The largest number that a state can hold: products with the volume, or sums of prices and multiples of ranges. */
function largestStateOf(last: unknown): number {
  if (typeof last === 'number') return 1e152;
  return Object.hasOwn(last as object, 'close') && Object.hasOwn(last as object, 'volume') ? 1e301 : 1e160;
}

/** The options with the defaults where one is missing or undefined. */
export function completeOptions<Options extends object>(
  defaults: Required<Options>,
  options: Options,
): Required<Options> {
  const complete = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof Options)[]) {
    const value = options[key];
    if (value !== undefined) complete[key] = value;
  }
  return complete;
}

function start<Input, Output, Options extends object>(
  { name, input }: StreamDefinition<Input, Output, Options>,
  options: Required<Options>,
  machine: Machine<Input, Output>,
  initialCount: number,
  initialLast: Input | undefined,
): IndicatorStream<Input, Output> {
  let count = initialCount;
  let last = initialLast;
  return {
    push(given) {
      const copy = input.copy(given, count);
      if (last !== undefined) input.checkNext(copy, last, count);
      last = copy;
      count++;
      return machine.push(copy);
    },
    replaceLast(given) {
      checkReplaceable(count);
      const copy = input.copy(given, count - 1);
      input.checkSame(copy, last!, count - 1);
      machine.undo();
      last = copy;
      return machine.push(copy);
    },
    snapshot() {
      const head = {
        v: 1,
        indicator: name,
        options: { ...options } as Readonly<Record<string, number>>,
        count,
      } as const;
      if (last === undefined) return { ...head, state: [], last: [] };
      // The bar is taken out and put back, so that the state is that of the bars that can change no more.
      const state: number[] = [];
      machine.undo();
      machine.save(state);
      machine.push(last);
      return { ...head, state, last: input.toNumbers(last) };
    },
  };
}

/** The value as an output: NaN is how the arithmetic says that it is not known. */
export function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
