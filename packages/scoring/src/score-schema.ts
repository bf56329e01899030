/** The stored forms of a score as JSON Schema (draft 2020-12), for validators and for other languages. */
import { rulesPattern } from './internal/rules-id.ts';

type Schema = Readonly<Record<string, unknown>>;

const share = { type: 'number', minimum: 0, maximum: 1 } as const;
const points = { type: 'number', minimum: 0, maximum: 100 } as const;
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const strings = { type: 'array', items: { type: 'string' } } as const;
const quality = { enum: ['measured', 'proxy', 'missing'] } as const;
const inputs = { type: 'object', additionalProperties: { type: ['number', 'null'] } } as const;
const rules = { type: 'string', pattern: rulesPattern } as const;
const signal = orNull({ enum: ['strong-sell', 'sell', 'neutral', 'buy', 'strong-buy'] });

function closed(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const head = {
  v: { const: 1 },
  symbol: { type: 'string' },
  asOfMs: { type: ['integer', 'null'] },
  score: orNull(points),
  signal,
  coverage: share,
};

/** What `explain` gives. That contributions add up to the score is a promise that a schema cannot state. */
export const scoreBreakdownSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'ScoreBreakdown',
  ...closed({
    ...head,
    rules,
    contributions: {
      type: 'array',
      items: closed({
        path: { ...strings, minItems: 1 },
        score: orNull(points),
        weight: share,
        effectiveWeight: share,
        contribution: points,
        quality,
        coverage: share,
        rule: { type: ['string', 'null'] },
        inputs,
        reasons: strings,
      }),
    },
  }),
};

/** What `scoreToJson` gives. */
export const scoreJsonSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Score',
  ...closed({
    ...head,
    components: {
      type: 'array',
      items: closed({
        name: { type: 'string' },
        score: orNull(points),
        weight: { type: 'number', minimum: 0 },
        effectiveWeight: share,
        contribution: points,
        coverage: orNull(share),
        quality,
        reasons: strings,
        inputs,
      }),
    },
    rules,
  }),
};
