import { ScoringError } from '../errors.ts';

/** Name and version of rules, as the schema of a breakdown has it. */
export const rulesPattern = '^.+/[0-9]+$';

const rules = new RegExp(rulesPattern);

/** Throws `bad-option` unless `id` is a name and a version: a stored score must say which rules made it. */
export function checkRulesId(id: unknown): void {
  if (typeof id === 'string' && rules.test(id)) return;
  throw new ScoringError(
    'bad-option',
    `rules "${String(id)}" is not a name and a whole version. Write it as in "mine/1".`,
    id,
  );
}
