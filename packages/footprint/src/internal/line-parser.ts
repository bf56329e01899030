/** Reads lines by JSON.parse, and learns their shape. */
import { isOrderflowError } from '@tapekit/orderflow/errors';
import type { Grid } from '@tapekit/orderflow/grid';
import type { DecimalInput } from '@tapekit/orderflow/market';
import type { MalformedReason, TradeLineFields } from '../trade-lines.ts';
import { LineReader } from './line-reader.ts';
import type { DecimalScale, ReadLine } from './line-reader.ts';
import { learnTemplate } from './line-template.ts';
import type { Role } from './line-template.ts';

export interface LineParser {
  /** The trade of a line, or why it holds none. */
  text(line: string): ReadLine | MalformedReason;
  /** A reader for lines of the shape of this one; `undefined` where its shape is not simple. */
  learn(line: Uint8Array): LineReader | undefined;
}

export function createLineParser(grid: Grid, fields: TradeLineFields): LineParser {
  const roles = new Map<string, Role>([
    [fields.time, 'time'],
    [fields.price, 'price'],
    [fields.size, 'size'],
    [fields.side.path, 'side'],
  ]);
  const [price, size] = [scaleOf(grid.tickSize), scaleOf(grid.lotSize)];
  const words = { buy: encoder.encode(String(fields.side.buy)), sell: encoder.encode(String(fields.side.sell)) };
  const paths = {
    time: fields.time.split('.'),
    price: fields.price.split('.'),
    size: fields.size.split('.'),
    side: fields.side.path.split('.'),
  };

  const kinds: readonly string[] = [typeof fields.side.buy, typeof fields.side.sell];
  /** A venue that leaves the aggressor open says `null` or a word; what has another kind is another field. */
  const isSide = (value: unknown): boolean => value === null || kinds.includes(typeof value);

  return {
    text(line) {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        return 'not-json';
      }
      const timeMs = Number(valueAt(value, paths.time) ?? NaN);
      const [priceOf, sizeOf] = [valueAt(value, paths.price), valueAt(value, paths.size)];
      const side = valueAt(value, paths.side);
      const isTime = Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15;
      if (!isTime || !isDecimal(priceOf) || !isDecimal(sizeOf) || !isSide(side)) return 'no-trade';
      try {
        const sizeLots = grid.toLots(sizeOf);
        const priceTicks = grid.toTicks(priceOf);
        if (sizeLots < 0) return 'no-trade';
        return {
          timeMs,
          priceTicks,
          sizeLots,
          side: side === fields.side.buy ? 1 : side === fields.side.sell ? -1 : 0,
        };
      } catch (error) {
        if (!isOrderflowError(error)) throw error;
        return error.code === 'bad-decimal' ? 'no-trade' : 'off-grid';
      }
    },
    learn(line) {
      const template = price && size && learnTemplate(line, roles);
      return template && new LineReader(template, price, size, words);
    },
  };
}

const encoder = new TextEncoder();

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

function isDecimal(value: unknown): value is DecimalInput {
  return typeof value === 'string' || typeof value === 'number';
}

/** A step as a count of its last decimal; `undefined` for steps that are too fine or too coarse for doubles. */
function scaleOf(step: string): DecimalScale | undefined {
  const [whole, fraction = ''] = step.split('.');
  const mantissa = Number(whole! + fraction);
  return fraction.length <= 15 && mantissa <= 1e15 ? { decimals: fraction.length, mantissa } : undefined;
}
