import { barFieldNames } from './bar-fields.ts';
import { wyckoffKinds } from './wyckoff-fields.ts';

/** Every field whose name does not hang on the components of a score: what rules of your own can count on. */
export const alertFieldNames: readonly string[] = [
  ...['score', 'signal', 'coverage'],
  ...['broker', 'broker.foreignNetValue', 'broker.daysAccumulating'],
  ...['broker.coordinatedBuyers', 'broker.buyerConcentration'],
  ...['wyckoff.phase', ...wyckoffKinds.map((kind) => `wyckoff.${kind}`)],
  ...barFieldNames,
];
