/** The state of a symbol scorer as plain JSON, and how it is read back. */
import { ScoringError } from '../errors.ts';
import { excerpt } from '../internal/excerpt.ts';
import { checkBar } from '../internal/numeric-bar.ts';
import type { Signal } from '../signal.ts';
import type { NumericBar } from '../tape.ts';

/** State of a streaming score, version 1. */
export interface SymbolScorerSnapshot {
  readonly v: 1;
  readonly symbol: string;
  /** Id of the preset. */
  readonly preset: string;
  /** Bars taken. */
  readonly count: number;
  readonly last: NumericBar | null;
  /** Signal of the bar before the last, and of the last. */
  readonly signals: readonly [Signal | null, Signal | null];
  readonly feeds: Readonly<Record<string, unknown>>;
}

const known: readonly unknown[] = [null, 'strong-sell', 'sell', 'neutral', 'buy', 'strong-buy'];

/** The snapshot, when it is one of this symbol by this preset; throws `bad-snapshot` for any other. */
export function readSnapshot(snapshot: unknown, symbol: string, preset: string): SymbolScorerSnapshot {
  const given = (typeof snapshot === 'object' ? snapshot : null) as Partial<SymbolScorerSnapshot> | null;
  if (given?.v !== 1 || given.symbol !== symbol || given.preset !== preset) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "${given?.symbol}" by "${given?.preset}", version "${given?.v}", is not one of "${symbol}" by ` +
        `"${preset}", version 1. Restore with the options that it was made with.`,
      snapshot,
    );
  }
  const { count, last, feeds } = given;
  const signals: readonly unknown[] | undefined = given.signals;
  const whole = typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 && count > 0 === Boolean(last);
  const signed = Array.isArray(signals) && signals.length === 2 && signals.every((signal) => known.includes(signal));
  if (!whole || !signed || typeof feeds !== 'object' || (feeds as unknown) === null) throw damagedSnapshot(snapshot);
  try {
    if (last) checkBar(last, count - 1, undefined);
  } catch {
    throw damagedSnapshot(snapshot);
  }
  return given as SymbolScorerSnapshot;
}

function damagedSnapshot(snapshot: unknown): ScoringError {
  return new ScoringError(
    'bad-snapshot',
    `snapshot "${excerpt(snapshot)}" is damaged. Pass it as it was taken.`,
    snapshot,
  );
}
