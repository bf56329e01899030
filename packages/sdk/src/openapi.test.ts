import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { operations, streamEvents, streamPath } from './contract.ts';
import * as samples from '@tapekit/tooling/sample-documents';
import { componentDescriptions, parameterDescriptions } from './internal/descriptions.ts';
import { createOpenApiDocument, type JsonSchema } from './openapi.ts';
import * as schemas from './schemas.ts';

const document = createOpenApiDocument({ version: '1.2.3' });

describe('the OpenAPI document', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('lists every operation of the contract and the stream, and nothing else', () => {
    const listed = Object.entries(document.paths).map(([path, { get }]) => `${get.operationId} ${path}`);
    const expected = Object.values(operations).map(({ operationId, path }) => `${operationId} ${path}`);
    expect(listed.sort()).toEqual([...expected, `streamEvents ${streamPath}`].sort());
  });

  test('holds every schema by its name and refers to it', () => {
    expect(Object.keys(document.components.schemas)).toEqual([...Object.keys(schemas), 'StreamEvent'].sort());
    expect(document.components.schemas['FootprintPage']).toMatchObject({
      properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Footprint' } } },
    });
    expect(JSON.stringify(document)).not.toMatch(/"\$(id|schema)"/);
  });

  test('says which parameters an operation takes', () => {
    const { parameters } = document.paths['/v1/symbols/{symbol}/footprints']!.get;
    expect(parameters.map(({ name, in: place, required }) => [name, place, required])).toEqual([
      ['symbol', 'path', true],
      ['from', 'query', false],
      ['to', 'query', false],
      ['limit', 'query', false],
      ['cursor', 'query', false],
    ]);
    expect(parameters[3]).toEqual({
      name: 'limit',
      in: 'query',
      required: false,
      description: 'Bars a page; 200 unless told.',
      schema: { type: 'integer', minimum: 1, maximum: 500 },
    });
  });

  test('answers a degraded health check with the health body, and every other error with an error body', () => {
    const body = (path: string, status: string) =>
      document.paths[path]!.get.responses[status]!.content['application/json']!.schema;
    expect(body('/health', '503')).toEqual({ $ref: '#/components/schemas/Health' });
    expect(body('/v1/symbols/{symbol}/score', '404')).toEqual({ $ref: '#/components/schemas/ApiErrorBody' });
    for (const { get } of Object.values(document.paths)) expect(Object.keys(get.responses)).toContain('500');
  });

  test('names the payload of each live event', () => {
    const { oneOf } = document.components.schemas['StreamEvent'] as { oneOf: { properties: JsonSchema }[] };
    expect(oneOf.map(({ properties }) => properties['event'])).toEqual(
      Object.keys(streamEvents).map((name) => ({ const: name })),
    );
    const stream = document.paths[streamPath]!.get;
    expect(Object.keys(stream.responses['200']!.content)).toEqual(['text/event-stream']);
    expect(stream.description).toContain('`bar`, `metrics`, `archive`, `score`, `progress`');
  });

  test('describes every component, field and parameter, and no description is left over', () => {
    const seen = new Set<string>();
    const undescribed: string[] = [];
    const visit = (schema: JsonSchema, path: string) => {
      seen.add(path);
      const { $ref, description, properties, items, additionalProperties } = schema as Record<string, JsonSchema>;
      if ($ref === undefined && description === undefined && !path.endsWith('[]') && path !== 'ApiErrorBody.error') {
        undescribed.push(path);
      }
      for (const [name, field] of Object.entries(properties ?? {})) visit(field as JsonSchema, `${path}.${name}`);
      if (items) visit(items, `${path}[]`);
      if (additionalProperties) visit(additionalProperties, `${path}.*`);
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) visit(schema, name);
    expect(undescribed).toEqual([]);
    expect(Object.keys(componentDescriptions).filter((path) => !seen.has(path))).toEqual([]);

    const parameters = Object.values(document.paths).flatMap(({ get }) => get.parameters);
    expect(parameters.filter(({ description }) => description === '')).toEqual([]);
    const names = new Set(parameters.map(({ name }) => name));
    expect(Object.keys(parameterDescriptions).filter((name) => !names.has(name))).toEqual([]);
  });

  test('comes out the same every time, with the title and address it is given', () => {
    expect(JSON.stringify(createOpenApiDocument({ version: '1.2.3' }))).toBe(JSON.stringify(document));
    const named = createOpenApiDocument({ version: '2.0.0', title: 'Desk', serverUrl: 'https://api.example.com' });
    expect(named.info).toMatchObject({ title: 'Desk', version: '2.0.0' });
    expect(named.servers).toEqual([{ url: 'https://api.example.com' }]);
  });
});

describe('the JSON Schemas, read by another validator', () => {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'api', components: document.components });
  const check = (name: string): ValidateFunction => ajv.getSchema(`api#/components/schemas/${name}`)!;

  test.each([
    ['Footprint', samples.sampleBar()],
    ['SymbolList', { items: [samples.sampleSymbol] }],
    ['L1', samples.sampleQuote],
    ['Metrics', samples.sampleMetrics],
    ['Score', samples.sampleScore],
    ['ArchiveStatus', samples.sampleArchive],
    ['Health', samples.sampleHealth],
    ['Progress', samples.sampleProgress],
    ['FootprintPage', { items: [samples.sampleBar()], nextCursor: null }],
    ['ApiErrorBody', { error: { code: 'not-found', message: 'No.' } }],
    ['StreamEvent', { id: 1, event: 'bar', data: samples.sampleBar() }],
  ])('accept a %s and what a newer server adds to it, and refuse an empty one', (name, sample) => {
    expect(check(name)(sample) || check(name).errors).toBe(true);
    expect(check(name)({ ...sample, addedLater: 1 }) || check(name).errors).toBe(true);
    expect(check(name)({})).toBe(false);
  });

  test('refuse a number where a decimal string belongs', () => {
    expect(check('Footprint')({ ...samples.sampleBar(), volume: 3.5 })).toBe(false);
    expect(check('StreamEvent')({ id: 1, event: 'metrics', data: samples.sampleBar() })).toBe(false);
  });
});
