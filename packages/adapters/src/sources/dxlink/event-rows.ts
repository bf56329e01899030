/**
 * Events in dxLink's two data formats to one object per event. COMPACT is `[type, values, type, values, …]` with the
 * values of all events of a type in one flat list, FULL a list of objects; a server may send either, whatever was asked for.
 *
 * Source: dxFeed, "dxLink WebSocket protocol" (FEED service).
 */
import { aList, anObject, isObject, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';

/** Fields by event type, in the order of the values. */
export type EventFields = ReadonlyMap<string, readonly string[]>;

/** Event types and fields of a connection; a hostile server names more. */
const [maxTypes, maxFields] = [100, 200];

/**
 * The `eventFields` of a FEED_CONFIG.
 * @throws `RecordError`
 */
export function readEventFields(raw: unknown, before: EventFields): EventFields {
  const fields = new Map(before);
  for (const [type, names] of Object.entries(anObject(raw, 'eventFields'))) {
    if (fields.size >= maxTypes && !fields.has(type)) continue;
    const list = aList(names, `eventFields.${type.slice(0, 40)}`);
    if (list.length === 0 || list.length > maxFields || !list.every(isName)) {
      throw new RecordError(`eventFields.${type.slice(0, 40)}`, names, `1 to ${maxFields} names`);
    }
    fields.set(type, list);
  }
  return fields;
}

/** A name of that spelling would change what the row is, not what it holds. */
const isName = (name: unknown): name is string => typeof name === 'string' && name !== '__proto__';

/** What a FEED_DATA holds: events, and lists that cannot be cut into events. */
export interface EventRows {
  readonly rows: readonly { readonly type: string; readonly row: Json }[];
  readonly problems: readonly string[];
}

/** @throws `RecordError` when the data is no list. */
export function readEventRows(raw: unknown, fields: EventFields): EventRows {
  const data = aList(raw, 'data');
  const rows: { type: string; row: Json }[] = [];
  const problems: string[] = [];
  for (let i = 0; i < data.length; i += 1) {
    const item = data[i];
    if (isObject(item)) {
      const type = item['eventType'];
      if (typeof type === 'string' && type !== '') rows.push({ type, row: item });
      else problems.push(new RecordError(`data[${i}].eventType`, type, 'the type of an event').message);
      continue;
    }
    const names = typeof item === 'string' ? fields.get(item) : undefined;
    const values = data[i + 1];
    if (typeof item !== 'string' || !Array.isArray(values)) {
      problems.push(new RecordError(`data[${i}]`, item, 'the type of events and a list of their values').message);
      continue;
    }
    i += 1;
    if (names === undefined) {
      // Nobody knows how many of them there are.
      rows.push({ type: item, row: {} });
    } else if (values.length % names.length !== 0) {
      const expected = `a multiple of ${names.length}, the fields of ${item.slice(0, 40)}`;
      problems.push(new RecordError('the number of values', values.length, expected).message);
    } else {
      for (let at = 0; at < values.length; at += names.length) {
        const row: Record<string, unknown> = {};
        for (let j = 0; j < names.length; j += 1) row[names[j]!] = values[at + j];
        rows.push({ type: item, row });
      }
    }
  }
  return { rows, problems };
}
