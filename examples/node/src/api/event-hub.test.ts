import { describe, expect, test } from 'vitest';
import { createEventHub, type EndReason } from './event-hub.ts';
import { sampleProgress as progress } from '@tapekit/tooling/sample-documents';

const hub = (capacity = 3) => {
  const events = createEventHub({ capacity, firstId: 1 });
  return { ...events, say: (done: number) => events.publish('progress', { ...progress, done }) };
};
const done = (event: { json: string } | undefined) => event && (JSON.parse(event.json) as { done: number }).done;

describe('the event hub', () => {
  test('gives ids that rise by one and hands each event to every reader', async () => {
    const events = hub();
    const readers = [events.subscribe(), events.subscribe()];
    expect([events.say(10), events.say(20)]).toEqual([1, 2]);
    for (const reader of readers) {
      expect([await reader.next(), await reader.next()].map((event) => [event?.id, done(event)])).toEqual([
        [1, 10],
        [2, 20],
      ]);
    }
  });

  test('wakes a reader that waits', async () => {
    const events = hub();
    const waiting = events.subscribe().next();
    events.say(7);
    expect(done(await waiting)).toBe(7);
  });

  test('starts a new reader with the next event, and one that resumes after its last', async () => {
    const events = hub();
    for (const n of [1, 2, 3]) events.say(n);
    expect(events.subscribe().afterId).toBe(3);
    const resumed = events.subscribe(1);
    expect(resumed.afterId).toBe(1);
    expect([(await resumed.next())?.id, (await resumed.next())?.id]).toEqual([2, 3]);
  });

  test('gives a reader that was away too long what is left, and says where that begins', async () => {
    const events = hub(3);
    for (const n of [1, 2, 3, 4, 5]) events.say(n);
    const late = events.subscribe(1);
    expect(late.afterId).toBe(2);
    expect((await late.next())?.id).toBe(3);
    expect(events.subscribe(2).afterId).toBe(2);
  });

  test('gives a reader with an id of another process everything it holds', () => {
    const events = hub(3);
    for (const n of [1, 2]) events.say(n);
    expect(events.subscribe(900).afterId).toBe(0);
    expect(createEventHub({ firstId: 1_000 }).subscribe(5).afterId).toBe(999);
  });

  test('ends a reader that falls out of the ring, while the others go on', async () => {
    const events = hub(3);
    const reasons: EndReason[] = [];
    const slow = events.subscribe(undefined, (reason) => reasons.push(reason));
    const quick = events.subscribe();
    for (const n of [1, 2, 3]) {
      events.say(n);
      await quick.next();
    }
    expect([events.subscribers(), reasons]).toEqual([2, []]);
    events.say(4);
    expect([events.subscribers(), reasons, slow.endedBy()]).toEqual([1, ['lagged'], 'lagged']);
    expect(await slow.next()).toBeUndefined();
    expect((await quick.next())?.id).toBe(4);
  });

  test('writes the data down at once: what changes later does not show', async () => {
    const events = hub();
    const reader = events.subscribe();
    const data = { ...progress, done: 1 };
    events.publish('progress', data);
    data.done = 2;
    expect(done(await reader.next())).toBe(1);
  });

  test('lets go of a reader that leaves its loop, and of all of them when it closes', async () => {
    const events = hub();
    const reader = events.subscribe();
    events.say(1);
    for await (const event of reader) {
      expect(event.id).toBe(1);
      break;
    }
    expect([events.subscribers(), reader.endedBy()]).toEqual([0, 'left']);

    const waiting = events.subscribe().next();
    events.close();
    expect(await waiting).toBeUndefined();
    expect(events.subscribers()).toBe(0);
    expect(await events.subscribe().next()).toBeUndefined();
    expect(events.subscribers()).toBe(0);
  });

  test('begins its ids so late that an earlier process cannot have given them', () => {
    const before = Date.now() * 1000;
    const id = createEventHub().publish('progress', progress);
    expect(id).toBeGreaterThanOrEqual(before);
    expect(Number.isSafeInteger(id + 1e12)).toBe(true);
  });

  test('refuses a ring without room', () => {
    expect(() => createEventHub({ capacity: 0 })).toThrow(
      new RangeError('Option "capacity" is 0; expected a whole number of events, at least 1.'),
    );
  });
});
