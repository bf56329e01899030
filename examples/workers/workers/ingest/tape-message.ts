/**
 * The messages of a feeder. One message carries one trade or a batch, under a number that ascends per client:
 *
 * ```json
 * { "seq": 7, "trades": [{ "id": 28457, "timeMs": 1768431600123, "price": "100.25", "size": "0.5", "side": "buy" }] }
 * ```
 *
 * A message is taken as a whole or refused as a whole; inside it every trade is judged on its own.
 */
import type { Grid } from '@tapekit/orderflow/grid';
import { isOrderflowError } from '@tapekit/orderflow/errors';
import type { TickTrade } from '@tapekit/orderflow/market';
import { excerpt } from '../shared/errors.ts';

/** Most characters of one message. */
export const maxMessageLength = 65_536;
/** Most trades of one message. */
export const maxTradesPerMessage = 500;
/** How far a trade's time may be ahead of ours: above that it would close bars that still trade. */
export const maxAheadMs = 60_000;

/** A message whose trades were not looked at yet. */
export interface TapeMessage {
  /** Number of the message, ascending per client; gaps are fine. */
  readonly seq: number;
  readonly trades: readonly unknown[];
}

/** Why a message as a whole was refused. */
export interface MessageProblem {
  readonly code: 'bad-message' | 'too-large';
  readonly message: string;
}

/** Why a single trade was set aside. */
export interface TradeProblem {
  readonly reason: 'not-an-object' | 'bad-id' | 'bad-time' | 'future-time' | 'bad-price' | 'bad-size' | 'bad-side';
  readonly message: string;
}

/** Reads the envelope of a message. */
export function parseTapeMessage(data: unknown): TapeMessage | MessageProblem {
  if (typeof data !== 'string') return bad('The message is binary; send JSON text.');
  if (data.length > maxMessageLength) {
    const message = `The message has ${data.length} characters; send at most ${maxMessageLength}.`;
    return { code: 'too-large', message };
  }
  let raw: unknown;
  try {
    raw = JSON.parse(data);
  } catch {
    return bad(`The message ${excerpt(data)} is not JSON; send one JSON object per message.`);
  }
  const { seq, trades, trade } = (isRecord(raw) ? raw : {}) as { seq?: unknown; trades?: unknown; trade?: unknown };
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) {
    return bad(`The message has seq ${excerpt(seq)}; expected a whole number from 1 on.`);
  }
  const list = trades ?? (trade === undefined ? undefined : [trade]);
  if (!Array.isArray(list) || list.length === 0) {
    return bad(`Message ${seq} has no trades; expected "trades": [ … ] or "trade": { … }.`);
  }
  if (list.length > maxTradesPerMessage) {
    const message = `Message ${seq} has ${list.length} trades; send at most ${maxTradesPerMessage}.`;
    return { code: 'too-large', message };
  }
  return { seq, trades: list as readonly unknown[] };
}

/** One trade on the grid, or why it is not one. `nowMs` is the time that trades may not be far ahead of. */
export function parseTapeTrade(raw: unknown, grid: Grid, nowMs: number): TickTrade | TradeProblem {
  if (!isRecord(raw)) return { reason: 'not-an-object', message: `The trade ${excerpt(raw)} is not a JSON object.` };
  const { id, timeMs, price, size, side } = raw;
  const isId = id === undefined || Number.isSafeInteger(id) || (typeof id === 'string' && /^.{1,100}$/su.test(id));
  if (!isId) return wrong('bad-id', 'id', id, 'a safe whole number, or text of at most 100 characters');
  if (typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs) || timeMs < 0) {
    return wrong('bad-time', 'timeMs', timeMs, 'epoch milliseconds UTC');
  }
  if (timeMs > nowMs + maxAheadMs) return wrong('future-time', 'timeMs', timeMs, `at most ${nowMs + maxAheadMs}`);
  if (side !== 'buy' && side !== 'sell' && side !== 'unknown') {
    return wrong('bad-side', 'side', side, '"buy", "sell" or "unknown"');
  }
  const priceTicks = toSteps((literal) => grid.toTicks(literal), price);
  if (typeof priceTicks === 'string') return { reason: 'bad-price', message: priceTicks };
  const sizeLots = toSteps((literal) => grid.toLots(literal), size);
  if (typeof sizeLots === 'string') return { reason: 'bad-size', message: sizeLots };
  if (sizeLots < 0) return wrong('bad-size', 'size', size, 'an unsigned decimal');
  const trade: TickTrade = { timeMs, priceTicks, sizeLots, side };
  return id === undefined ? trade : { ...trade, id: id as number | string };
}

/** Steps of the grid, or what is wrong with the literal. */
function toSteps(convert: (value: string | number) => number, value: unknown): number | string {
  if (typeof value !== 'string' && typeof value !== 'number') {
    return `${excerpt(value)} is not a decimal; send text such as "100.25".`;
  }
  try {
    return convert(value);
  } catch (error) {
    if (isOrderflowError(error)) return error.message;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(message: string): MessageProblem {
  return { code: 'bad-message', message };
}

function wrong(reason: TradeProblem['reason'], field: string, value: unknown, expected: string): TradeProblem {
  return { reason, message: `The trade's ${field} is ${excerpt(value)}; expected ${expected}.` };
}
