/** What a careful user writes with decimal.js alone: the same formulas and a sorted book, every number a Decimal. */
import { Decimal } from 'decimal.js';

export interface DecimalQuote {
  readonly bid: Decimal;
  readonly bidSize: Decimal;
  readonly ask: Decimal;
  readonly askSize: Decimal;
}

export interface DecimalLevel {
  readonly price: Decimal;
  readonly size: Decimal;
}

export interface DecimalSides {
  readonly bids: readonly DecimalLevel[];
  readonly asks: readonly DecimalLevel[];
}

/** Σ of the OFI contributions of quotes. */
export function decimalOfi(quotes: readonly DecimalQuote[]): Decimal {
  let sum = new Decimal(0);
  for (let i = 1; i < quotes.length; i += 1) {
    const [before, after] = [quotes[i - 1]!, quotes[i]!];
    sum = sum
      .plus(flow(before.bid.cmp(after.bid), before.bidSize, after.bidSize))
      .minus(flow(after.ask.cmp(before.ask), before.askSize, after.askSize));
  }
  return sum;
}

/** OBI + VAMP over the levels. */
export function decimalDepthMetrics({ bids, asks }: DecimalSides): number {
  let [bid, ask, value] = [new Decimal(0), new Decimal(0), new Decimal(0)];
  for (let i = 0; i < Math.min(bids.length, asks.length); i += 1) {
    const [b, a] = [bids[i]!, asks[i]!];
    bid = bid.plus(b.size);
    ask = ask.plus(a.size);
    value = value.plus(b.price.times(a.size)).plus(a.price.times(b.size));
  }
  const total = bid.plus(ask);
  return bid.minus(ask).div(total).toNumber() + value.div(total).toNumber();
}

/** A book of sorted arrays with binary search. */
export class DecimalBook {
  private readonly bids: DecimalLevel[] = [];
  private readonly asks: DecimalLevel[] = [];

  set(name: 'bids' | 'asks', price: Decimal, size: Decimal): void {
    const side = this[name];
    const sign = name === 'bids' ? -1 : 1;
    let [low, high] = [0, side.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sign * side[middle]!.price.cmp(price) < 0) low = middle + 1;
      else high = middle;
    }
    const found = side[low]?.price.eq(price) === true;
    if (size.isZero()) {
      if (found) side.splice(low, 1);
    } else side.splice(low, found ? 1 : 0, { price, size });
  }

  top(levels: number): DecimalSides {
    return { bids: this.bids.slice(0, levels), asks: this.asks.slice(0, levels) };
  }

  static mlofi(before: DecimalSides, after: DecimalSides, levels: number): Decimal[] {
    const zero = new Decimal(0);
    return Array.from({ length: levels }, (_, m) => {
      const [b0, b1, a0, a1] = [before.bids[m], after.bids[m], before.asks[m], after.asks[m]];
      if (!b0 || !b1 || !a0 || !a1) return zero;
      return flow(b0.price.cmp(b1.price), b0.size, b1.size).minus(flow(a1.price.cmp(a0.price), a0.size, a1.size));
    });
  }
}

/** `direction` below 0: the level improved; above 0: it fell back. */
function flow(direction: number, before: Decimal, after: Decimal): Decimal {
  return direction < 0 ? after : direction > 0 ? before.neg() : after.minus(before);
}
