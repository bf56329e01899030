/** What a caller's editor knows; checked by the type checker alone. */
import { expectTypeOf } from 'vitest';
import type { ClientOptions, TapekitClient } from './client.ts';
import {
  operations,
  type OperationId,
  type OperationInput,
  type OperationOutput,
  type StreamEvent,
} from './contract.ts';
import type { ArchiveStatus, Footprint, FootprintPage, Metrics, Progress, Score } from './schemas.ts';

declare const client: TapekitClient;

// Every operation of the contract is a method of its name.
expectTypeOf<OperationId>().toExtend<keyof TapekitClient>();
expectTypeOf(operations.getScore.path).toEqualTypeOf<'/v1/symbols/{symbol}/score'>();

// Parameters are named, typed and required where the contract says so.
expectTypeOf<OperationInput<'getScore'>['symbol']>().toEqualTypeOf<string>();
expectTypeOf<OperationInput<'listFootprints'>['limit']>().toEqualTypeOf<number | undefined>();
expectTypeOf<Parameters<TapekitClient['listFootprints']>[0]>().toExtend<{ readonly symbol: string }>();
// @ts-expect-error a symbol is needed
void client.getScore({});
// @ts-expect-error a limit is a number
void client.listFootprints({ symbol: 'ETHUSDT', limit: '5' });
// @ts-expect-error there is no such parameter
void client.listFootprints({ symbol: 'ETHUSDT', limt: 5 });
// @ts-expect-error the address is needed
expectTypeOf<object>().toExtend<ClientOptions>();

// Replies are those of the schemas, and not to be changed.
expectTypeOf<ReturnType<TapekitClient['listFootprints']>>().resolves.toEqualTypeOf<FootprintPage>();
expectTypeOf<ReturnType<TapekitClient['getMetrics']>>().resolves.toEqualTypeOf<Metrics>();
expectTypeOf<OperationOutput<'getScore'>>().toEqualTypeOf<Score>();
expectTypeOf<FootprintPage['items']>().toEqualTypeOf<readonly Footprint[]>();
expectTypeOf<Score['components'][number]['score']>().toEqualTypeOf<number | null>();

// The name of an event tells its data.
expectTypeOf<Extract<StreamEvent, { event: 'bar' }>['data']>().toEqualTypeOf<Footprint>();
for await (const event of client.stream()) {
  if (event.event === 'progress') expectTypeOf(event.data).toEqualTypeOf<Progress>();
  if (event.event === 'archive') expectTypeOf(event.data).toEqualTypeOf<ArchiveStatus>();
  expectTypeOf(event.id).toEqualTypeOf<number>();
}
for await (const bar of client.footprints({ symbol: 'ETHUSDT' })) expectTypeOf(bar).toEqualTypeOf<Footprint>();
