/** What was received and not yet consumed, with its size, and two marks: above one the network is held back. */

/** How much may wait. */
export interface QueueLimits {
  /** Above so many things or half of `maxBytes` the source is paused; below half of it, resumed. */
  readonly maxItems: number;
  /** Above so many bytes nothing more is taken. */
  readonly maxBytes: number;
}

/** What an item costs beside its text; a flood of empty frames must end somewhere, too. */
const overhead = 256;

export interface Queue<T> {
  push(item: T, bytes: number): void;
  /** The oldest, or `undefined`. */
  take(): T | undefined;
  clear(): void;
  /** Over the first mark: hold the network back. */
  readonly high: boolean;
  /** Back under half of the first mark. */
  readonly low: boolean;
  /** Over the last mark. */
  readonly full: boolean;
  readonly length: number;
  readonly bytes: number;
  readonly mostItems: number;
  readonly mostBytes: number;
}

export function createQueue<T>({ maxItems, maxBytes }: QueueLimits): Queue<T> {
  let items: { readonly item: T; readonly bytes: number }[] = [];
  let head = 0;
  let bytes = 0;
  let mostItems = 0;
  let mostBytes = 0;
  return {
    push(item, length) {
      const size = length + overhead;
      items.push({ item, bytes: size });
      bytes += size;
      mostItems = Math.max(mostItems, items.length - head);
      mostBytes = Math.max(mostBytes, bytes);
    },
    take() {
      const first = items[head];
      if (first === undefined) return undefined;
      head += 1;
      bytes -= first.bytes;
      // Cutting the list now and then costs less than at every step.
      if (head === items.length || head > 4_096) {
        items = items.slice(head);
        head = 0;
      }
      return first.item;
    },
    clear() {
      items = [];
      head = 0;
      bytes = 0;
    },
    get high() {
      return items.length - head >= maxItems || bytes >= maxBytes / 2;
    },
    get low() {
      return items.length - head <= maxItems / 2 && bytes <= maxBytes / 4;
    },
    get full() {
      return bytes >= maxBytes;
    },
    get length() {
      return items.length - head;
    },
    get bytes() {
      return bytes;
    },
    get mostItems() {
      return mostItems;
    },
    get mostBytes() {
      return mostBytes;
    },
  };
}
