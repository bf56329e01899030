import type { WyckoffKind, WyckoffReading } from '../wyckoff.ts';
import type { AlertValue } from './conditions.ts';

const names = {
  ...{ AR: true, BC: true, End: true, LPS: true, LPSY: true, PS: true, PSY: true, SC: true, SOS: true, SOW: true },
  ...{ ST: true, Spring: true, Test: true, UTAD: true },
} satisfies Record<WyckoffKind, true>;

/** The events, by the names that Wyckoff gives them. */
export const wyckoffKinds: readonly WyckoffKind[] = Object.keys(names) as WyckoffKind[];

/**
 * What Wyckoff's schematics say at the close of a bar, for an observation: `wyckoff.phase` in a word (`none`,
 * `accumulation C`), and for each kind of event whether this bar confirmed it (`wyckoff.Spring` 1 or 0).
 *
 * @example
 * ```ts
 * const fields = wyckoffFields({ at: 0, events: [], accumulation: undefined, distribution: undefined });
 * [fields['wyckoff.phase'], fields['wyckoff.Spring']]; // => ['none', 0]
 * ```
 */
export function wyckoffFields({ events, accumulation, distribution }: WyckoffReading): Record<string, AlertValue> {
  const phases = Object.entries({ accumulation, distribution }).flatMap(([side, range]) =>
    range ? [`${side} ${range.phase}`] : [],
  );
  const confirmed = new Set(events.map(({ kind }) => kind));
  return {
    'wyckoff.phase': phases.length > 0 ? phases.join(', ') : 'none',
    ...Object.fromEntries(wyckoffKinds.map((kind) => [`wyckoff.${kind}`, confirmed.has(kind) ? 1 : 0])),
  };
}
