import type { Score } from '../composite.ts';
import type { AlertValue } from './conditions.ts';

/**
 * What is known of a score, for an observation: `score`, `signal` and `coverage`; of each component its score under its
 * name (`broker`), and its inputs under its name and theirs (`momentum.rsi`). Parts have names as components have; where
 * two are named alike the upper one counts.
 *
 * @example
 * ```ts
 * const score = scoreTape({ symbol: 'ETHUSDT', bars: [], orderFlow: { obi: 0.5, quality: 'measured' } });
 * alertFields(score);
 * // => { 'order-flow': 75, 'order-flow.obi': 0.5, score: 75, signal: 'strong-buy', coverage: 0.32 }
 * ```
 */
export function alertFields(score: Score): Record<string, AlertValue> {
  const fields = new Map<string, AlertValue>();
  const add = (name: string, value: AlertValue | undefined): void => {
    if (value !== undefined) fields.set(name, value);
  };
  const seen = new Set<string>();
  let level: Score['components'] = score.components;
  while (level.length > 0) {
    for (const component of level) {
      const { name } = component;
      if (seen.has(name)) continue;
      seen.add(name);
      add(name, component.score);
      for (const [input, value] of Object.entries(component.inputs)) add(`${name}.${input}`, value);
    }
    level = level.flatMap(({ parts = [] }) => parts);
  }
  add('score', score.score);
  add('signal', score.signal);
  add('coverage', score.coverage);
  return Object.fromEntries(fields);
}
