/** Every fault that a live feed must survive, as scripts of the loopback venue. */
import type { AdaptersErrorCode } from '../errors.ts';
import { liveSourceDefaults, type LiveSourceOptions } from '../live-source.ts';
import type { DisconnectReason } from '../market-source.ts';
import type { LoopbackStep } from '../testing/loopback-venue.ts';
import type { VenueFeed } from '../venue-feed.ts';

/** One fault, as a script for a recording of `n` frames. */
export interface FaultCase {
  /** What the venue does, as a fact of the test's name. */
  readonly name: string;
  /** Steps of each connection. */
  script(n: number, hasBook: boolean): readonly (readonly LoopbackStep[])[];
  /** Ends of connections that must be seen, in order; the last connection stays. */
  readonly ends: readonly DisconnectReason[];
  /** Changes to the source for this case. */
  readonly options?: LiveSourceOptions;
  /** Changes to the feed for this case. */
  readonly feed?: Partial<VenueFeed>;
  /** What the test's clock does at a stall. @defaultValue the feed's `silenceMs` */
  readonly stallMs?: number;
  /** The shortest wait that must be seen before a reconnection, milliseconds. */
  readonly leastWaitMs?: number;
  /** The address that is never given: the number of the question. */
  readonly silentAddress?: number;
  /** The source ends with an error of this code, and connects no more than the script says. */
  readonly fails?: AdaptersErrorCode;
  /** A book is lost: it must be asked for anew, have a gap, and go on. */
  readonly losesBook?: true;
}

const rest: readonly LoopbackStep[] = [{ do: 'send', count: Infinity }, { do: 'await' }];
const part = (n: number): LoopbackStep => ({ do: 'send', count: Math.floor(n / 3) });
const lost: LoopbackStep = { do: 'skip', count: 5 };
const softLimit = 1024 * 1024;

/** Every fault of the contract. */
export const faultCases: readonly FaultCase[] = [
  {
    name: 'drops the connection between frames',
    script: (n) => [
      [part(n), { do: 'await' }, { do: 'drop' }],
      [lost, ...rest],
    ],
    ends: ['closed'],
  },
  {
    name: 'drops the connection in the middle of a burst, twice',
    script: (n) => [[part(n), { do: 'drop' }], [part(n), { do: 'drop' }], rest],
    ends: ['closed', 'closed'],
  },
  {
    name: 'goes away with a close code',
    script: (n) => [
      [part(n), { do: 'await' }, { do: 'close', code: 1001, reason: 'going away' }],
      [lost, ...rest],
    ],
    ends: ['closed'],
  },
  {
    name: 'stalls while the connection stays open',
    script: (n) => [
      [part(n), { do: 'stall' }],
      [lost, ...rest],
    ],
    ends: ['silence'],
  },
  {
    name: 'sends frames in another order',
    script: (n) => [[part(n), { do: 'reorder', count: 7 }, ...rest]],
    ends: [],
  },
  {
    name: 'sends frames twice',
    script: (n) => [[part(n), { do: 'repeat', count: 7 }, ...rest]],
    ends: [],
  },
  {
    name: 'sends garbage',
    script: (n) => [
      [
        part(n),
        ...['', '{', 'null', '0', '"text"', '[]', '{}', '[[[[', '\u0000', '{"data":null}', 'NaN'].map(
          (frame) => ({ do: 'raw', frame }) as const,
        ),
        { do: 'raw', frame: Uint8Array.of(0xff, 0xfe, 0, 1, 2, 3) },
        ...rest,
      ],
    ],
    ends: [],
  },
  {
    name: 'sends a frame that is too long to be read, but not to be received',
    script: (n) => [[part(n), { do: 'raw', frame: `{"data":"${'x'.repeat(softLimit)}"}` }, ...rest]],
    ends: [],
    options: { maxFrameBytes: softLimit },
  },
  {
    name: 'floods the connection with one endless frame',
    script: (n) => [
      [part(n), { do: 'await' }, { do: 'flood', bytes: 4 * softLimit + 1 }],
      [lost, ...rest],
    ],
    ends: ['oversize'],
    options: { maxFrameBytes: softLimit },
  },
  {
    name: 'ends the token: every address works once',
    script: (n) => [
      [part(n), { do: 'await' }, { do: 'close', code: 4001, reason: 'token expired' }],
      [lost, part(n), { do: 'await' }, { do: 'drop' }],
      rest,
    ],
    ends: ['closed', 'closed'],
  },
  {
    name: 'answers 429 with Retry-After to the next connection',
    script: (n) => [
      [part(n), { do: 'await' }, { do: 'drop' }],
      [{ do: 'refuse', status: 429, retryAfterS: 7 }],
      [lost, ...rest],
    ],
    ends: ['closed', 'failed'],
    leastWaitMs: 7_000,
  },
  {
    name: 'answers 500, 502 and 503 before it takes the connection',
    script: () => [
      [{ do: 'refuse', status: 500 }],
      [{ do: 'refuse', status: 502 }],
      [{ do: 'refuse', status: 503 }],
      rest,
    ],
    ends: ['failed', 'failed', 'failed'],
  },
  {
    name: 'asks the next connection to wait for a month',
    script: (n) => [
      [part(n), { do: 'await' }, { do: 'drop' }],
      [{ do: 'refuse', status: 503, retryAfterS: 2_600_000 }],
    ],
    ends: ['closed', 'failed'],
    fails: 'rate-limited',
  },
  {
    name: 'has a token for the first connection, and then never an answer to the question for the next',
    script: (n) => [[part(n), { do: 'await' }, { do: 'drop' }], rest],
    ends: ['closed', 'failed'],
    silentAddress: 2,
  },
  {
    name: 'loses the snapshot of a book',
    script: (n, hasBook) => [
      [...(hasBook ? [{ do: 'skip', count: 1 } as const] : []), part(n), { do: 'await' }, { do: 'answer' }, ...rest],
    ],
    ends: [],
    losesBook: true,
  },
  {
    name: 'closes every connection after an hour, and a new one takes over in time',
    script: (n) => [[part(n), { do: 'stall' }], rest],
    ends: ['expired'],
    feed: { lifetimeMs: 3_600_000, silenceMs: 7_200_000 },
    // Up to the moment at which the source hangs up, and no further: the goodbye takes real time.
    stallMs: 3_600_000 - liveSourceDefaults.expiryLeadMs,
  },
];
