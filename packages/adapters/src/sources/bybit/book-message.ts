/** What the book topics of Bybit v5 have in common. */
import { anId, anObject, epochMs, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';

/** Kind, time and body of a book message. After a restart of the venue a delta with `u` 1 is the whole book. */
export function bookMessage(message: Json): {
  readonly whole: boolean;
  readonly timeMs: number;
  readonly id: number;
  readonly data: Json;
} {
  const { type, ts, cts } = message;
  if (type !== 'snapshot' && type !== 'delta') throw new RecordError('type', type, '"snapshot" or "delta"');
  const data = anObject(message['data'], 'data');
  const id = anId(data['u'], 'data.u');
  return { whole: type === 'snapshot' || id === 1, timeMs: epochMs(cts ?? ts, 'cts or ts'), id, data };
}
