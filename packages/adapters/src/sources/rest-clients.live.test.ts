/** The REST clients over the real HTTP client against a server that is overloaded, breaks, and cuts its answers. */
import { expect, test } from 'vitest';
import { createHttpClient, type HttpClient } from '../http-client.ts';
import { type LoopbackAnswer, startLoopbackVenue } from '../testing/loopback-venue.ts';
import { createFinraClient, type Rows, type ShortInterest } from './finra.ts';
import { createFredClient } from './fred.ts';
import { createIdxClient } from './idx.ts';
import { createStockbitClient } from './stockbit.ts';

const noWait = { minIntervalMs: 0 };
/** Waits are noted instead of spent. */
function client(waits: number[]): HttpClient {
  return createHttpClient({ sleep: async (ms) => void waits.push(ms), random: () => 0.5 });
}

async function against<T>(answers: readonly LoopbackAnswer[], run: (url: string, http: HttpClient) => Promise<T>) {
  let next = 0;
  const venue = await startLoopbackVenue({ frames: [], http: () => answers[next++] });
  const waits: number[] = [];
  try {
    return { result: await run(venue.httpUrl, client(waits)), waits, requests: venue.requests };
  } finally {
    await venue.close();
  }
}

const page = (count: number, offset: number, date: string) => {
  const realtime = { realtime_start: '2026-11-20', realtime_end: '9999-12-31' };
  return { status: 200, body: JSON.stringify({ count, offset, observations: [{ date, value: '1', ...realtime }] }) };
};

test('FRED: 429 with Retry-After, 503 and 500 lose no page, and the key reaches the server', async () => {
  const answers = [
    { status: 429, headers: { 'retry-after': '7' } },
    page(2, 0, '2026-01-01'),
    { status: 503 },
    { status: 500 },
    page(2, 1, '2026-01-02'),
  ];
  const { result, waits, requests } = await against(answers, async (baseUrl, http) => {
    const dates: string[] = [];
    const fred = createFredClient({ http, baseUrl, apiKey: 'K3Y', ...noWait });
    for await (const { observations } of fred.observations({ seriesId: 'X' }))
      dates.push(...observations.map(({ date }) => date));
    return dates;
  });
  expect(result).toEqual(['2026-01-01', '2026-01-02']);
  expect(Math.max(...waits)).toBeGreaterThanOrEqual(6900);
  expect(requests.every(({ path }) => path.includes('api_key=K3Y'))).toBe(true);
});

test('FINRA: a query is only a question, so it is asked again after a 500', async () => {
  const body = JSON.stringify([{ symbolCode: 'GME', settlementDate: '2026-10-30', currentShortPositionQuantity: 5 }]);
  const { result } = await against([{ status: 500 }, { status: 200, body }], async (apiUrl, http) => {
    const finra = createFinraClient({ http, apiUrl, userAgent: 'me/1', ...noWait });
    const pages: Rows<ShortInterest>[] = [];
    for await (const rows of finra.shortInterest({ from: '2026-01-01', to: '2026-11-20' })) pages.push(rows);
    return pages;
  });
  expect(result).toMatchObject([{ rows: [{ symbol: 'GME', shares: 5 }], rejected: [] }]);
});

test('a refusal is an error that shows neither key nor token', async () => {
  const refused = { status: 401, body: '{"message":"T0K3N is no good"}' };
  const failure = against([refused], (baseUrl, http) =>
    createStockbitClient({ http, baseUrl, token: 'T0K3N', ...noWait }).orderBook('TEST'),
  );
  await expect(failure).rejects.toThrow(expect.objectContaining({ code: 'bad-response', status: 401 }));
  await expect(failure).rejects.not.toThrow(/T0K3N/);
});

test('IDX: a bot check with status 200 is no day without trades', async () => {
  const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Just a moment...</html>' };
  const failure = against([page], (baseUrl, http) =>
    createIdxClient({ http, baseUrl, ...noWait }).stockSummary('2026-08-14'),
  );
  await expect(failure).rejects.toThrow('The site took the request for a bot');
});
