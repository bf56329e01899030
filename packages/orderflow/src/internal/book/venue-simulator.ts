/** A venue with a book of its own, numbered as a rule says, behind a network that loses, repeats and delays; for tests. */
import * as fc from 'fast-check';
import { krakenChecksum, okxChecksum } from '../../book-checksum.ts';
import type { BookEvent, BookRule } from '../../book.ts';
import type { BookLevel } from '../../market.ts';

/** A side of the true book: lots by ticks. */
type Side = ReadonlyMap<number, number>;

/** The true book as `top(Infinity)` gives it. */
export interface Truth {
  readonly bids: readonly { readonly priceTicks: number; readonly sizeLots: number }[];
  readonly asks: readonly { readonly priceTicks: number; readonly sizeLots: number }[];
}

/** A message of the connection; `event` is absent for one of another channel. */
export interface VenueMessage {
  /** Number within the connection. */
  readonly sequence: number;
  readonly event?: BookEvent;
}

/** A session: what the venue sent, as it arrived, and what its book was at each of its ids. */
export interface Session {
  readonly arrived: readonly VenueMessage[];
  readonly truthAt: ReadonlyMap<number, Truth>;
  /** Rank in time of each id; ids may fall. */
  readonly rankOf: ReadonlyMap<number, number>;
}

/** How the venue sends. */
export interface Venue {
  readonly rule: BookRule;
  /** Levels a side that it sends; a level that leaves them is not mentioned. */
  readonly depth?: number;
  readonly checksum?: 'kraken' | 'okx';
  /** True for a network that loses nothing. */
  readonly intact?: boolean;
}

const at = { symbol: 'X', timeMs: 0 };

const step = fc.record({
  what: fc.constantFrom('change', 'change', 'change', 'change', 'change', 'snapshot', 'restart', 'other'),
  changes: fc.array(fc.tuple(fc.boolean(), fc.nat(11), fc.nat(3)), { minLength: 0, maxLength: 4 }),
  /** How many ids a change takes where ids are shared. */
  skip: fc.integer({ min: 1, max: 3 }),
  /** When each copy arrives, in messages after its turn: none is a loss, two a repeat. */
  copies: fc.oneof(
    { weight: 8, arbitrary: fc.constant([0]) },
    { weight: 2, arbitrary: fc.array(fc.nat(4), { maxLength: 2 }) },
  ),
});

/** Random sessions of a venue. */
export function sessionsOf(venue: Venue): fc.Arbitrary<Session> {
  return fc.array(step, { minLength: 15, maxLength: 40 }).map((steps) => play(venue, steps));
}

function play(venue: Venue, steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): Session {
  const { rule, intact = false } = venue;
  const fetched = rule.snapshots === 'fetched';
  const contiguous = rule.chain === 'next-id' || rule.chain === 'none';
  const bids = new Map([[5, 1]]);
  const asks = new Map([[7, 1]]);
  const truthAt = new Map<number, Truth>();
  const rankOf = new Map<number, number>();
  const sent: { readonly message: VenueMessage; readonly due: number }[] = [];
  let id = 1000;
  let sequence = 0;
  let restarts = 0;
  let before = visible();
  note();

  function visible(): Truth {
    const side = (levels: Side, sign: number) =>
      [...levels]
        .sort(([a], [b]) => sign * (a - b))
        .slice(0, venue.depth ?? Infinity)
        .map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));
    return { bids: side(bids, -1), asks: side(asks, 1) };
  }
  function note(): void {
    truthAt.set(id, before);
    if (!rankOf.has(id)) rankOf.set(id, rankOf.size);
  }
  const text = (levels: Truth['bids']): BookLevel[] =>
    levels.map(({ priceTicks, sizeLots }) => [String(priceTicks), String(sizeLots)]);
  const sidesOf = (truth: Truth) => ({ bids: text(truth.bids), asks: text(truth.asks) });
  const proof = (truth: Truth) => {
    if (!venue.checksum) return {};
    const [levels, decimals] = [sidesOf(truth), { priceDecimals: 0, sizeDecimals: 0 }];
    return { checksum: venue.checksum === 'okx' ? okxChecksum(levels) : krakenChecksum(levels, decimals) };
  };
  /** What to send for a side: new sizes, and 0 for what is truly gone. */
  const difference = (was: Truth['bids'], is: Truth['bids'], all: Side): BookLevel[] =>
    [
      ...was.filter(({ priceTicks }) => !all.has(priceTicks)).map((level) => ({ ...level, sizeLots: 0 })),
      ...is.filter(
        ({ priceTicks, sizeLots }) => !was.some((l) => l.priceTicks === priceTicks && l.sizeLots === sizeLots),
      ),
    ].map(({ priceTicks, sizeLots }) => [String(priceTicks), String(sizeLots)]);

  const send = (event: BookEvent | undefined, copies: readonly number[]): void => {
    const message = { sequence, ...(event ? { event } : {}) };
    sequence += 1;
    for (const delay of intact ? [0] : copies) sent.push({ message, due: sent.length + delay * 1.5 });
  };
  const snapshotOf = (truth: Truth, lastUpdateId: number): BookEvent => ({
    type: 'book-snapshot',
    ...at,
    lastUpdateId,
    ...sidesOf(truth),
    ...proof(truth),
  });

  if (!fetched) send(snapshotOf(before, ids(0)), [0]);

  /** The id of the message being sent: of the connection where it numbers messages, else of the book. */
  function ids(advance: number): number {
    id += advance;
    if (rule.chain === 'ascending') id = 1000 + sequence;
    note();
    return id;
  }

  for (const { what, changes, skip, copies } of steps) {
    if (what === 'other') {
      send(undefined, copies);
      continue;
    }
    if (what === 'snapshot') {
      // Fetched ones are of any time so far; in the stream they are of now.
      const known = [...truthAt];
      const [then, truth] = known[Math.max(0, known.length - 1 - (changes.length + skip))]!;
      send(fetched ? snapshotOf(truth, then) : snapshotOf(before, ids(0)), copies);
      continue;
    }
    const previous = id;
    const first = contiguous || rule.chain === 'ascending' ? previous + 1 : previous + skip;
    const was = before;
    const touched = { bids: new Map<number, number>(), asks: new Map<number, number>() };
    for (const [isBid, ticks, lots] of changes) {
      const side = isBid ? bids : asks;
      touched[isBid ? 'bids' : 'asks'].set(ticks, lots);
      if (lots === 0) side.delete(ticks);
      else side.set(ticks, lots);
    }
    before = visible();
    if (what === 'restart' && restarts === 0 && canRestart(rule)) {
      restarts += 1;
      if (rule.resetId !== undefined) {
        id = rule.resetId;
        note();
        const all = { firstUpdateId: id, lastUpdateId: id, ...sidesOf(before) };
        // After a restart the first event is the whole book, whatever it is called.
        send(skip > 1 ? { type: 'book-delta', ...at, ...all } : snapshotOf(before, id), copies);
        continue;
      }
      id = 0;
    }
    // A keep-alive repeats the id.
    const silent = rule.chain === 'previous-id' && !fetched && changes.length === 0 && id !== 0;
    const last = silent ? previous : rule.chain === 'none' || id === 0 ? id + 1 : first + (contiguous ? skip - 1 : 0);
    id = rule.chain === 'ascending' ? id : last;
    const lastUpdateId = ids(0);
    send(
      {
        type: 'book-delta',
        ...at,
        firstUpdateId: rule.chain === 'next-id' ? first : lastUpdateId,
        lastUpdateId,
        ...(rule.chain === 'previous-id' ? { previousUpdateId: previous } : {}),
        bids: difference(was.bids, before.bids, bids),
        asks: difference(was.asks, before.asks, asks),
        ...proof(before),
      },
      copies,
    );
  }
  const arrived = sent.toSorted((a, b) => a.due - b.due).map(({ message }) => message);
  return { arrived, truthAt, rankOf };
}

/** Venues whose ids may start anew without a snapshot in the stream (OKX), or with one (Bybit). */
function canRestart(rule: BookRule): boolean {
  return rule.resetId !== undefined || (rule.chain === 'previous-id' && rule.staleBelow === 'never');
}
