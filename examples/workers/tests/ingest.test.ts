import { describe, expect, test } from 'vitest';
import { generatedTrades } from '../scripts/generated-trades.ts';
import type { FeedTrade } from '../scripts/tape-client.ts';
import { expectedFootprints } from './expected-footprints.ts';
import { instrument, messageBurst, tokens, useWorkers, type FootprintPage, type Status } from './harness.ts';
import { openSocket, refusedHandshake } from './socket.ts';

const workers = useWorkers(['EVICTED', 'RESENT', 'DROPPED', 'TWINS', 'LATE', 'PAGES', 'BAD', 'FAST', 'CROWD', 'EMPTY']);

const t0 = Date.UTC(2026, 0, 15);
const trade = (
  id: number | string,
  seconds: number,
  price: string,
  size: string,
  side: FeedTrade['side'],
): FeedTrade => {
  return { id, timeMs: t0 + seconds * 1_000, price, size, side };
};
const tape = (symbol: string): string => `${workers.url()}/tape/${symbol}`;
const status = (symbol: string): Promise<Status> => workers.read<Status>(`/status/${symbol}`);
const footprints = (symbol: string, query = ''): Promise<FootprintPage> =>
  workers.read<FootprintPage>(`/footprints/${symbol}${query}`);

describe('a tape whose object is evicted', () => {
  test('has the same footprints and records as one that lived on', async () => {
    const trades = generatedTrades({ seed: 'evicted', durationMs: 420_000 });
    const client = await workers.connect('EVICTED');
    let batches = 0;
    for (let at = 0; at < trades.length; at += 50) {
      const ack = await client.send(trades.slice(at, at + 50));
      expect(ack.accepted + ack.duplicates).toBe(Math.min(50, trades.length - at));
      batches += 1;
      // Asleep with its sockets kept, dead with its sockets cut, and once with everything flushed before.
      if (batches % 7 === 0) await workers.evict('EVICTED', 'close');
      else if (batches % 2 === 0) await workers.evict('EVICTED', 'hibernate');
      if (batches === 15) {
        await workers.flush('EVICTED');
        await workers.evict('EVICTED', 'hibernate');
      }
    }
    expect(await footprints('EVICTED')).toEqual({
      symbol: 'EVICTED',
      ...expectedFootprints('EVICTED', trades),
      nextFrom: null,
    });
    const ids = new Set(trades.map(({ id }) => id));
    expect(await status('EVICTED')).toMatchObject({ records: ids.size, duplicates: trades.length - ids.size });
  });
});

describe('a message that is sent again', () => {
  test('is acknowledged as before and counts once', async () => {
    const message = { seq: 1, trades: [trade(1, 0, '10', '2', 'buy'), trade(2, 1, '10.01', '1', 'sell')] };
    const first = await openSocket(tape('RESENT'));
    expect(first.ready).toEqual({ ready: { symbol: 'RESENT', client: 'default', lastSeq: null } });
    first.socket.send(message);
    expect(await first.socket.next()).toEqual({ ack: 1, accepted: 2, duplicates: 0, quarantined: 0 });
    first.socket.close();

    const second = await openSocket(tape('RESENT'));
    expect(second.ready).toEqual({ ready: { symbol: 'RESENT', client: 'default', lastSeq: 1 } });
    second.socket.send(message);
    expect(await second.socket.next()).toEqual({ ack: 1, accepted: 2, duplicates: 0, quarantined: 0, replayed: true });
    expect(await status('RESENT')).toMatchObject({ records: 2, messages: 1, duplicates: 0 });
    expect((await footprints('RESENT')).open).toMatchObject({ volume: '3', delta: '1', trades: 2 });
  });

  test('is recognised by its trade ids when it comes under another number or from another client', async () => {
    const { socket } = await openSocket(`${tape('RESENT')}?client=other`);
    socket.send({ seq: 8, trades: [trade(2, 1, '10.01', '1', 'sell'), trade('3', 2, '10', '4', 'buy')] });
    expect(await socket.next()).toEqual({ ack: 8, accepted: 1, duplicates: 1, quarantined: 0 });
    socket.send({ seq: 9, trade: trade(3, 2, '10', '4', 'buy') });
    expect(await socket.next()).toEqual({ ack: 9, accepted: 0, duplicates: 1, quarantined: 0 });
    expect(await status('RESENT')).toMatchObject({ records: 3, duplicates: 2 });
  });

  test('is refused when other trades come under a number that was used', async () => {
    const { socket } = await openSocket(tape('RESENT'));
    socket.send({ seq: 1, trades: [trade(99, 5, '10', '1', 'buy')] });
    expect(await socket.next()).toEqual({
      error: {
        code: 'seq-conflict',
        seq: 1,
        message: 'Client "default" is at 1, and message 1 is not one that was stored; go on with 2.',
      },
    });
    expect(await status('RESENT')).toMatchObject({ records: 3 });
  });

  test('leaves every trade on the tape once, however often the connection breaks', async () => {
    const trades = Array.from({ length: 600 }, (_, i) => trade(i + 1, i / 10, '10', '1', i % 2 ? 'sell' : 'buy'));
    const client = await workers.connect('DROPPED');
    for (let at = 0; at < trades.length; at += 100) {
      const acks = Array.from({ length: 10 }, (_, i) => client.send(trades.slice(at + i * 10, at + i * 10 + 10)));
      await workers.evict('DROPPED', 'close');
      await Promise.all(acks);
    }
    expect(await status('DROPPED')).toMatchObject({ records: 600, duplicates: 0, messages: 60 });
    expect((await footprints('DROPPED')).open).toMatchObject({ trades: 600, volume: '600', delta: '0' });
  });
});

describe('two connections of the same moment', () => {
  test('share one tape without doubling it', async () => {
    const trades = Array.from({ length: 200 }, (_, i) => trade(i + 1, i / 10, '10', '1', 'buy'));
    const [a, b] = await Promise.all([
      workers.connect('TWINS', { client: 'a' }),
      workers.connect('TWINS', { client: 'b' }),
    ]);
    const acks = [];
    for (let at = 0; at < trades.length; at += 20) {
      const batch = trades.slice(at, at + 20);
      acks.push(a.send(batch), b.send(batch));
    }
    const sums = (await Promise.all(acks)).reduce((sum, { accepted }) => sum + accepted, 0);
    expect(sums).toBe(200);
    expect(await status('TWINS')).toMatchObject({ records: 200, duplicates: 200, connections: 2 });
  });
});

describe('a late trade', () => {
  test('is merged into its closed bar, and replaces nothing', async () => {
    const { socket } = await openSocket(tape('LATE'));
    socket.send({ seq: 1, trades: [trade(1, 0, '10', '3', 'buy'), trade(2, 60, '11', '1', 'buy')] });
    await socket.next();
    expect((await footprints('LATE')).items).toMatchObject([{ t0: t0, volume: '3', delta: '3', close: '10' }]);

    await workers.evict('LATE', 'hibernate');
    socket.send({ seq: 2, trades: [trade(3, 59, '9.99', '2', 'sell')] });
    await socket.next();
    const page = await footprints('LATE');
    expect(page.items).toMatchObject([
      { t0: t0, volume: '5', buy: '3', sell: '2', delta: '1', trades: 2, open: '10', close: '9.99' },
    ]);
    expect(page.open).toMatchObject({ t0: t0 + 60_000, volume: '1' });
  });

  test('that comes after its bar was let go is on the tape and counted, and the bar stays as it was', async () => {
    const { socket } = await openSocket(tape('LATE'));
    const minutes = Array.from({ length: 7 }, (_, i) => trade(10 + i, 120 + 60 * i, '11', '1', 'buy'));
    socket.send({ seq: 3, trades: [...minutes, trade(4, 1, '10', '7', 'buy')] });
    expect(await socket.next()).toMatchObject({ accepted: 8 });
    expect(await status('LATE')).toMatchObject({ records: 11, lateTrades: 2, lateRejected: 1 });
    expect((await footprints('LATE', `?from=${t0}&limit=1`)).items).toMatchObject([{ volume: '5', trades: 2 }]);
  });
});

describe('a page of footprints', () => {
  test('leads to the next one until the bar that is still open', async () => {
    const client = await workers.connect('PAGES');
    await client.send(Array.from({ length: 5 }, (_, i) => trade(i + 1, 60 * i, '10', String(i + 1), 'buy')));
    const seen: string[] = [];
    let page = await footprints('PAGES', `?from=${t0}&limit=2`);
    expect(page.open).toBeNull();
    for (; ; page = await footprints('PAGES', `?from=${page.nextFrom}&limit=2`)) {
      seen.push(...page.items.map(({ volume }) => volume));
      if (page.nextFrom === null) break;
    }
    expect(seen).toEqual(['1', '2', '3', '4']);
    expect(page.open).toMatchObject({ volume: '5' });
    const latest = await footprints('PAGES', '?limit=2');
    expect(latest.items.map(({ volume }) => volume)).toEqual(['3', '4']);
  });
});

describe('bad input', () => {
  test('inside a message is set aside trade by trade, with the reason, and the rest goes on', async () => {
    const { socket } = await openSocket(tape('BAD'));
    const good = trade(1, 0, '10', '1', 'buy');
    const bad: [unknown, string][] = [
      [{ ...good, id: 2, price: '10.005' }, 'bad-price'],
      [{ ...good, id: 3, price: 'ten' }, 'bad-price'],
      [{ ...good, id: 4, price: null }, 'bad-price'],
      [{ ...good, id: 5, size: '0.0001' }, 'bad-size'],
      [{ ...good, id: 6, size: '-1' }, 'bad-size'],
      [{ ...good, id: 7, side: 'bid' }, 'bad-side'],
      [{ ...good, id: 8, timeMs: t0 * 1_000 }, 'future-time'],
      [{ ...good, id: 9, timeMs: '2026' }, 'bad-time'],
      [{ ...good, id: 2 ** 53 }, 'bad-id'],
      [{ ...good, id: 'x'.repeat(101) }, 'bad-id'],
      [[good], 'not-an-object'],
      [null, 'not-an-object'],
    ];
    socket.send({ seq: 1, trades: [good, ...bad.map(([raw]) => raw), trade(20, 1, '10', '2', 'sell')] });
    expect(await socket.next()).toEqual({ ack: 1, accepted: 2, duplicates: 0, quarantined: bad.length });
    expect(await status('BAD')).toMatchObject({ records: 2, quarantined: bad.length });
    expect((await footprints('BAD')).open).toMatchObject({ trades: 2, volume: '3' });

    const { body } = await workers.request('/admin/quarantine/BAD', 'ADMIN_TOKEN');
    const { items } = body as { items: { reason: string; message: string; body: string }[] };
    expect(items.map(({ reason }) => reason).reverse()).toEqual(bad.map(([, reason]) => reason));
    expect(items.at(-1)).toMatchObject({
      client: 'default',
      client_seq: 1,
      message: 'price "10.005" is not a multiple of tickSize 0.01. Check the instrument\'s tickSize.',
      body: JSON.stringify(bad[0]![0]),
    });
  });

  test('instead of a message is answered with what was expected, and the connection goes on', async () => {
    const { socket } = await openSocket(tape('BAD'));
    for (const [message, text] of [
      ['{"seq":', 'The message "{\\"seq\\":" is not JSON; send one JSON object per message.'],
      ['[]', 'The message has seq undefined; expected a whole number from 1 on.'],
      [{ seq: 0, trades: [] }, 'The message has seq 0; expected a whole number from 1 on.'],
      [{ seq: 2, trades: [] }, 'Message 2 has no trades; expected "trades": [ … ] or "trade": { … }.'],
      [new Uint8Array([1, 2]), 'The message is binary; send JSON text.'],
    ] as const) {
      socket.send(message);
      expect(await socket.next()).toEqual({ error: { code: 'bad-message', message: text } });
    }
    socket.send('ping');
    expect(await socket.next()).toBe('pong');
    socket.send({ seq: 2, trade: trade(30, 2, '10', '1', 'buy') });
    expect(await socket.next()).toMatchObject({ ack: 2, accepted: 1 });
  });

  test('that is too large ends the connection before anything that follows', async () => {
    const many = { seq: 3, trades: Array.from({ length: 501 }, () => 0) };
    for (const message of ['x'.repeat(65_537), many]) {
      const { socket } = await openSocket(tape('BAD'));
      socket.send(message);
      // What is on its way already must not overtake the message that was refused.
      socket.send({ seq: 4, trade: trade(31, 3, '10', '1', 'buy') });
      expect(await socket.next()).toMatchObject({ error: { code: 'too-large' } });
      expect(await socket.next()).toBe('closed 1009');
    }
    expect(await status('BAD')).toMatchObject({ records: 3 });
  });

  test('that comes too fast ends the connection after what was acknowledged', async () => {
    const { socket } = await openSocket(tape('FAST'));
    for (let seq = 1; seq <= messageBurst + 5; seq++) socket.send({ seq, trade: trade(seq, seq, '10', '1', 'buy') });
    for (let seq = 1; seq <= messageBurst; seq++) expect(await socket.next()).toMatchObject({ ack: seq, accepted: 1 });
    expect(await socket.next()).toMatchObject({ error: { code: 'too-fast' } });
    expect(await socket.closed).toBe(1013);
    expect(await status('FAST')).toMatchObject({ records: messageBurst, messages: messageBurst });
    const again = await openSocket(tape('FAST'));
    expect(again.ready).toMatchObject({ ready: { lastSeq: messageBurst } });
  });
});

describe('a connection', () => {
  test.each([
    ['without a token', {}],
    ['with a wrong token', { authorization: 'Bearer test-ingest-token-012345678X' }],
    ['with the token of another right', { authorization: `Bearer ${tokens.READ_TOKEN}` }],
    ['with a wrong token as protocol', { 'sec-websocket-protocol': 'tapekit.v1, bearer.wrong' }],
  ])('%s is refused', async (_, headers) => {
    const { status: code, body } = await refusedHandshake(tape('EMPTY'), headers);
    expect({ code, body }).toEqual({
      code: 401,
      body: {
        error: { code: 'unauthorized', message: 'Send "Authorization: Bearer …" with the value of INGEST_TOKEN.' },
      },
    });
  });

  test('with the token as protocol is accepted, and the token is not sent back', async () => {
    const { socket, ready } = await openSocket(tape('EMPTY'), {
      protocols: ['tapekit.v1', `bearer.${tokens.INGEST_TOKEN}`],
    });
    expect(ready).toMatchObject({ ready: { symbol: 'EMPTY' } });
    expect(socket.protocol).toBe('tapekit.v1');
    socket.close();
    expect(await socket.closed).toBe(1000);
  });

  test('beyond the sixteenth of a symbol is refused', async () => {
    const open = await Promise.all(Array.from({ length: 16 }, () => openSocket(tape('CROWD'))));
    const authorization = `Bearer ${tokens.INGEST_TOKEN}`;
    const { status: code, body } = await refusedHandshake(tape('CROWD'), { authorization });
    expect(code).toBe(429);
    expect(body).toMatchObject({ error: { code: 'too-many-connections' } });
    for (const { socket } of open) socket.close();
    expect(await Promise.all(open.map(({ socket }) => socket.closed))).toEqual(open.map(() => 1000));
  });
});

describe('a request', () => {
  const post = { method: 'POST' };
  test.each<[string, keyof typeof tokens | undefined, RequestInit, number, string]>([
    ['/', undefined, {}, 404, 'not-found'],
    ['/tape', 'INGEST_TOKEN', {}, 426, 'upgrade-required'],
    ['/tape/BAD', 'INGEST_TOKEN', {}, 426, 'upgrade-required'],
    ['/tape/BAD', 'INGEST_TOKEN', post, 405, 'method-not-allowed'],
    ['/tape/BAD/x', 'INGEST_TOKEN', {}, 404, 'not-found'],
    ['/footprints/BAD', undefined, {}, 401, 'unauthorized'],
    ['/footprints/BAD', 'INGEST_TOKEN', {}, 401, 'unauthorized'],
    ['/footprints/bad', 'READ_TOKEN', {}, 400, 'bad-request'],
    ['/footprints/..%2FBAD', 'READ_TOKEN', {}, 400, 'bad-request'],
    ['/footprints/UNKNOWN', 'READ_TOKEN', {}, 404, 'unknown-symbol'],
    ['/footprints/BAD?limit=501', 'READ_TOKEN', {}, 400, 'bad-request'],
    ['/footprints/BAD?from=yesterday', 'READ_TOKEN', {}, 400, 'bad-request'],
    ['/footprints/BAD', 'READ_TOKEN', post, 405, 'method-not-allowed'],
    ['/status/UNKNOWN', 'READ_TOKEN', {}, 404, 'unknown-symbol'],
    ['/admin/run-cron', undefined, post, 401, 'unauthorized'],
    ['/admin/run-cron', 'READ_TOKEN', post, 401, 'unauthorized'],
    ['/admin/run-cron', 'SERVICE_TOKEN', post, 401, 'unauthorized'],
    ['/admin/run-cron', 'ADMIN_TOKEN', {}, 405, 'method-not-allowed'],
    ['/admin/report', 'ADMIN_TOKEN', {}, 404, 'not-found'],
    ['/admin/compress', 'ADMIN_TOKEN', { ...post, body: '{"date":"2026-02-30"}' }, 400, 'bad-request'],
    ['/admin/compress', 'ADMIN_TOKEN', { ...post, body: '{"symbol":"../x"}' }, 400, 'bad-request'],
    ['/admin/compress', 'ADMIN_TOKEN', { ...post, body: '{"force":true}' }, 400, 'bad-request'],
    ['/admin/compress', 'ADMIN_TOKEN', { ...post, body: '[' }, 400, 'bad-request'],
    ['/admin/compress', 'ADMIN_TOKEN', { ...post, body: ' '.repeat(4_097) }, 413, 'too-large'],
    ['/admin/flush/UNKNOWN', 'ADMIN_TOKEN', post, 404, 'unknown-symbol'],
    ['/admin/prune', 'ADMIN_TOKEN', post, 404, 'not-found'],
  ])('%s as %s %o is answered %i %s', async (path, token, init, code, word) => {
    const { status: got, body, headers } = await workers.request(path, token, init);
    expect(body).toEqual({ error: { code: word, message: expect.any(String) } });
    expect(got).toBe(code);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('for a tape that was started on another grid is refused until the grid is as it was', async () => {
    const change = "UPDATE documents SET json = json_set(json, '$.instrument', ?) WHERE name = 'state'";
    const started = JSON.stringify(instrument);
    await workers.sql('PAGES', change, started.replace('0.01', '0.05'));
    await workers.evict('PAGES', 'hibernate');
    const refused = {
      status: 409,
      body: { error: { code: 'instrument-changed', message: expect.stringContaining('"tickSize":"0.05"') } },
    };
    expect(await workers.request('/status/PAGES', 'READ_TOKEN')).toMatchObject(refused);
    const authorization = `Bearer ${tokens.INGEST_TOKEN}`;
    expect(await refusedHandshake(tape('PAGES'), { authorization })).toEqual(refused);
    await workers.sql('PAGES', change, started);
    await workers.evict('PAGES', 'hibernate');
    expect(await status('PAGES')).toMatchObject({ records: 5 });
  });

  test('for health is answered 503 while a symbol is silent, naming it', async () => {
    await workers.sql('FAST', "UPDATE documents SET json = json_set(json, '$.lastReceivedMs', 1) WHERE name = 'state'");
    await workers.evict('FAST', 'hibernate');
    const { status: code, body } = await workers.request('/health');
    expect(code).toBe(503);
    expect(body).toMatchObject({
      status: 'degraded',
      problems: expect.arrayContaining([
        expect.stringMatching(/^FAST is silent for \d+ ms\.$/),
        'EMPTY has no record yet.',
        'Housecleaning has never run.',
      ]),
      housecleaning: { outcome: 'never-run', reportAgeMs: null },
    });
  });
});
