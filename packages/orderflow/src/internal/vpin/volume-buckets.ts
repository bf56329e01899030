/** Buckets of equal volume: what is pushed is cut where a bucket is full. */

/** The volume of one bucket. `buyLots + sellLots + unknownLots` is the volume, exactly. */
export interface BucketParts {
  /** Mark (time or bar) of the first piece in it. */
  readonly first: number;
  /** Mark of the last piece. */
  readonly last: number;
  readonly volumeLots: number;
  readonly buyLots: number;
  readonly sellLots: number;
  readonly unknownLots: number;
}

export interface VolumeBuckets {
  /** Pours volume in and gives the buckets that it filled. `buy` and `sell` are its shares; both 0 for unknown. */
  pour(lots: number, buy: number, sell: number, mark: number): BucketParts[];
  /** The volume of the bucket that is not full, and starts an empty one. */
  take(): BucketParts | undefined;
  state(): BucketParts | null;
}

/** Most buckets that one print or bar may fill: beyond it the bucket is too small for the tape by far. */
export const MAX_BUCKETS_AT_ONCE = 100_000;

export function createVolumeBuckets(bucketLots: number, from: BucketParts | null | undefined): VolumeBuckets {
  let open = from ? { ...from } : undefined;
  return {
    pour(lots, buy, sell, mark) {
      const full: BucketParts[] = [];
      let left = lots;
      while (left > 0) {
        open ??= { first: mark, last: mark, volumeLots: 0, buyLots: 0, sellLots: 0, unknownLots: 0 };
        const piece = Math.min(left, bucketLots - open.volumeLots);
        open = {
          first: open.first,
          last: mark,
          volumeLots: open.volumeLots + piece,
          buyLots: open.buyLots + piece * buy,
          sellLots: open.sellLots + piece * sell,
          unknownLots: open.unknownLots + (buy + sell > 0 ? 0 : piece),
        };
        left -= piece;
        if (open.volumeLots === bucketLots) {
          full.push(balanced(open));
          open = undefined;
        }
      }
      return full;
    },
    take() {
      const parts = open && balanced(open);
      open = undefined;
      return parts;
    },
    state: () => (open ? { ...open } : null),
  };
}

/** Shares leave roundings in both sums; the smaller side becomes what the larger one leaves, so that nothing is lost. */
function balanced(parts: BucketParts): BucketParts {
  const known = parts.volumeLots - parts.unknownLots;
  const larger = Math.min(known, Math.max(parts.buyLots, parts.sellLots, known / 2));
  const smaller = known - larger;
  const bought = parts.buyLots >= parts.sellLots;
  return { ...parts, buyLots: bought ? larger : smaller, sellLots: bought ? smaller : larger };
}

/** Whether an open bucket and those of the window can be: none holds more than a bucket, an open one less. */
export function fitsBuckets(
  { bucketLots, buckets }: { readonly bucketLots: number; readonly buckets: number },
  open: BucketParts | null,
  window: readonly number[],
): boolean {
  if (window.length > buckets || window.some((lots) => lots > bucketLots)) return false;
  if (!open) return true;
  const { volumeLots, buyLots, sellLots, unknownLots } = open;
  // Sides of bulk volume are shares, each rounded.
  const sides = (buyLots + sellLots + unknownLots) / volumeLots;
  return volumeLots < bucketLots && Math.abs(sides - 1) < 1e-9;
}
