/** The OpenAPI 3.1 document of the API, made from the contract. */
import * as z from 'zod/mini';
import {
  operations,
  streamAfterHeader,
  streamEvents,
  streamOperationId,
  streamPath,
  type Operation,
} from './contract.ts';
import { componentDescriptions, parameterDescriptions } from './internal/descriptions.ts';
import * as schemas from './schemas.ts';

/** What the document says of the server that shows it. */
export interface OpenApiOptions {
  /** @defaultValue 'Tapekit API' */
  readonly title?: string;
  /** Version of the server. */
  readonly version: string;
  /**
   * Where the API is.
   * @defaultValue '/', the origin that serves the document
   */
  readonly serverUrl?: string;
}

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A path, query or header parameter. */
export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

/** One reply of an operation. */
export interface OpenApiResponse {
  readonly description: string;
  readonly headers: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: string }>>;
}

/** One operation; all of them are GET. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters: readonly OpenApiParameter[];
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

/** The part of OpenAPI 3.1 that the document uses. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, { readonly get: OpenApiOperation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

const tags = [
  { name: 'market', description: 'Instruments, footprints, flow metrics, quotes and scores.' },
  { name: 'archive', description: 'The compressed, verified record of the tape.' },
  { name: 'system', description: 'The state of the server and its live events.' },
] as const;

const conventions =
  'Prices, sizes and sums are decimal strings, exact to the last digit; times are epoch milliseconds UTC. ' +
  'What is unknown is null, never 0. `buy` is volume that lifted the ask, `sell` volume that hit the bid. ' +
  'Every error reply is `{"error":{"code","message"}}`.';

const requestId = { 'X-Request-Id': { description: 'Names this request in the log.', schema: { type: 'string' } } };

/**
 * The document of every operation and of the live stream, as plain JSON. Pure: the same options give the same document.
 *
 * @example
 * ```ts
 * const { paths } = createOpenApiDocument({ version: '1.0.0' });
 * paths['/v1/symbols']?.get.operationId; // => 'listSymbols'
 * ```
 */
export function createOpenApiDocument(options: OpenApiOptions): OpenApiDocument {
  const paths: Record<string, { get: OpenApiOperation }> = {};
  for (const operation of Object.values<Operation>(operations)) paths[operation.path] = { get: pathItem(operation) };
  paths[streamPath] = { get: streamOperation() };
  return {
    openapi: '3.1.1',
    info: {
      title: options.title ?? 'Tapekit API',
      version: options.version,
      description: conventions,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: options.serverUrl ?? '/' }],
    tags,
    paths,
    components: { schemas: components() },
  };
}

const componentUri = (name: string): string => `#/components/schemas/${name}`;

function refTo(schema: z.ZodMiniType): JsonSchema {
  const [name] = Object.entries<z.ZodMiniType>(schemas).find(([, component]) => component === schema)!;
  return { $ref: componentUri(name) };
}

/** Every schema of `schemas.ts` by its name, with references among them, and the event of the live stream. */
function components(): Record<string, JsonSchema> {
  // The input side leaves objects open: a newer server may send more fields, and an older client must accept them.
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries<z.ZodMiniType>(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io: 'input', uri: componentUri });
  const named = Object.entries(made.schemas).map(
    ([name, schema]) => [name, describe(withoutIds(schema), name)] as const,
  );
  const events = Object.entries(streamEvents).map(([event, data]) => ({
    type: 'object',
    properties: { id: { type: 'integer', minimum: 0 }, event: { const: event }, data: refTo(data) },
    required: ['id', 'event', 'data'],
  }));
  const streamEvent = { description: componentDescriptions['StreamEvent'], oneOf: events };
  return Object.fromEntries([...named, ['StreamEvent', streamEvent] as const].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutIds(schema: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id' && key !== 'id'),
  );
}

/** The schema with the description of each field that has one. */
function describe(schema: JsonSchema, path: string): JsonSchema {
  const described: Record<string, unknown> = { ...schema };
  const description = componentDescriptions[path];
  if (description !== undefined) described['description'] = description;
  const { properties, items, additionalProperties } = schema as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly items?: JsonSchema;
    readonly additionalProperties?: JsonSchema;
  };
  if (properties) {
    const fields = Object.entries(properties).map(([name, field]) => [name, describe(field, `${path}.${name}`)]);
    described['properties'] = Object.fromEntries(fields);
  }
  if (items) described['items'] = describe(items, `${path}[]`);
  if (additionalProperties) described['additionalProperties'] = describe(additionalProperties, `${path}.*`);
  return described;
}

function pathItem(operation: Operation): OpenApiOperation {
  const { operationId, summary, tag, params, query, response, replyStatuses = [], errors } = operation;
  const responses: Record<string, OpenApiResponse> = { 200: json(summary, refTo(response)) };
  for (const [status, meaning] of Object.entries(errors)) {
    const body = replyStatuses.includes(Number(status)) ? response : schemas.ApiErrorBody;
    responses[status] = json(meaning, refTo(body));
  }
  responses[500] = json('The server failed; `requestId` names the entry in its log.', refTo(schemas.ApiErrorBody));
  return {
    operationId,
    summary,
    tags: [tag],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    responses,
  };
}

function json(description: string, schema: JsonSchema): OpenApiResponse {
  return { description, headers: requestId, content: { 'application/json': { schema } } };
}

function parametersOf(schema: z.ZodMiniObject | undefined, place: 'path' | 'query'): OpenApiParameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'output' });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    description: parameterDescriptions[name] ?? '',
    schema: property as JsonSchema,
  }));
}

function streamOperation(): OpenApiOperation {
  const names = Object.keys(streamEvents)
    .map((name) => `\`${name}\``)
    .join(', ');
  return {
    operationId: streamOperationId,
    summary: 'Live events, as server-sent events',
    description:
      `Events ${names}: each has a numeric \`id\` that rises by one and JSON \`data\` (schema StreamEvent). ` +
      'A comment comes every 15 seconds. Without `Last-Event-ID` the stream starts with the next event.',
    tags: ['system'],
    parameters: [
      {
        name: 'Last-Event-ID',
        in: 'header',
        required: false,
        description: 'Resume after this id. Browsers and the client send it by themselves when they reconnect.',
        schema: { type: 'string', pattern: '^[0-9]{1,16}$' },
      },
    ],
    responses: {
      200: {
        description: 'The stream; it has no end of its own.',
        headers: {
          ...requestId,
          [streamAfterHeader]: {
            description:
              'The id after which this reply starts. Where it is not the `Last-Event-ID` sent, events between are lost.',
            schema: { type: 'integer', minimum: 0 },
          },
        },
        content: {
          'text/event-stream': {
            schema: { type: 'string' },
            example:
              'id: 42\nevent: progress\ndata: {"stage":"replay","done":1,"total":null,"unit":"lines","message":"…"}\n\n',
          },
        },
      },
      400: json('`Last-Event-ID` is not a number.', refTo(schemas.ApiErrorBody)),
      500: json('The server failed; `requestId` names the entry in its log.', refTo(schemas.ApiErrorBody)),
      503: json('Too many streams are open; `Retry-After` says when to try again.', refTo(schemas.ApiErrorBody)),
    },
  };
}
