/** Servers and venues repeat what they refuse, also in answers that HTTP calls a success: no secret comes out of a client. */
import { describe, expect, test } from 'vitest';
import { scriptedHttp } from '../internal/scripted-http.fixture.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { createCftcClient } from './cftc.ts';
import { dxlinkFeed } from './dxlink.ts';
import { createFredClient } from './fred.ts';
import { createIdxClient } from './idx.ts';
import { ipotFeed } from './ipot.ts';
import { createStockbitClient, stockbitFeed } from './stockbit.ts';
import { topstepxFeed } from './topstepx.ts';
import { createTwelveDataClient, twelveDataFeed } from './twelve-data.ts';

const secret = 's3cr3tKEY-0123456789';
const pace = { minIntervalMs: 0 };
const ask: Readonly<Record<string, (body: string) => Promise<unknown>>> = {
  fred: (body) =>
    createFredClient({ http: scriptedHttp([body]), apiKey: secret, ...pace })
      .observations({ seriesId: 'GDP' })
      .next(),
  'fred vintages': (body) =>
    createFredClient({ http: scriptedHttp([body]), apiKey: secret, ...pace })
      .vintageDates('GDP')
      .next(),
  'twelve data': (body) =>
    createTwelveDataClient({ http: scriptedHttp([body]), apiKey: secret, ...pace }).series({
      symbol: 'A',
      interval: '1day',
    }),
  stockbit: (body) => createStockbitClient({ http: scriptedHttp([body]), token: secret, ...pace }).orderBook('BBCA'),
  'stockbit trades': (body) =>
    createStockbitClient({ http: scriptedHttp([body]), token: secret, ...pace })
      .runningTrades({ symbol: 'BBCA', date: '2026-01-05' })
      .next(),
  cftc: (body) =>
    createCftcClient({ http: scriptedHttp([body]), appToken: secret, ...pace })
      .reports({ dataset: 'legacyFutures', contractCode: '099741', from: '2026-01-01' } as never)
      .next(),
  idx: (body) =>
    createIdxClient({
      http: scriptedHttp([body]),
      secretHeaders: { cookie: `sid=${secret}; a=b` },
      ...pace,
    }).companies(),
};

const bodies = [
  secret,
  `apikey ${secret} invalid`,
  `${'x'.repeat(105)}${secret}`,
  JSON.stringify({ code: 401, status: 'error', message: `apikey ${secret} is bad` }),
  JSON.stringify({ error: 'UNAUTHORIZED', error_type: 'UNAUTHORIZED', message: `token ${secret} expired` }),
  JSON.stringify([{ error: secret }, secret]),
  JSON.stringify({ data: secret, values: secret, observations: secret }),
];

describe.each(Object.keys(ask))('%s', (name) => {
  test.each(bodies)('keeps its key for itself when the body is %j', async (body) => {
    const failure: unknown = await ask[name]!(body).catch((error: unknown) => error);
    if (!(failure instanceof Error)) return;
    const shown = `${failure.message} ${JSON.stringify(failure)} ${String(failure.cause)}`;
    expect(shown).not.toContain('s3cr3t');
  });

  test('says that an answer which is no JSON is none', async () => {
    await expect(ask[name]!(`apikey ${secret} invalid`)).rejects.toMatchObject({
      name: 'AdaptersError',
      message: expect.stringContaining('•••') as string,
    });
  });
});

const one = { symbols: ['A'], channels: ['trades'] as const };
const feeds: readonly VenueFeed[] = [
  topstepxFeed({ ...one, token: secret }),
  dxlinkFeed({ ...one, token: async () => secret }),
  ipotFeed({ appsession: async () => secret }),
  stockbitFeed({ token: secret, key: secret, userId: '1', symbols: ['BBCA'] }),
  twelveDataFeed({ apiKey: secret, symbols: ['A'] }),
];

test.each(feeds.map((feed) => [feed.name, feed] as const))(
  'the feed of %s says what may not show, once it has an address',
  async (_name, feed) => {
    await feed.url();
    expect(feed.secrets?.()).toContain(secret);
  },
);
