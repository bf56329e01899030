/** JSON lines to trades by the kernel: text is copied into its memory window by window, trades are copied out. */
import type { LinePlan, LineReader } from '../line-reader.ts';
import { NEWLINE } from '../line-template.ts';
import type { FastLines } from '../trade-lines-reader.ts';
import type { Kernel } from './kernel-exports.ts';

/** Below this many bytes the way into the kernel costs more than it saves. */
const MIN_BYTES = 2048;

/** Fast lines by a kernel. Several may share one: the text of another is replaced, and put back when it is read on. */
export function kernelLines(kernel: Kernel): FastLines {
  const { exports, layout } = kernel;
  const { TEXT_BYTES, LINES, DRAIN, DONE } = layout;
  let shaped: LineReader | undefined;
  let shape: Uint8Array | undefined;
  /** The text in the kernel: `[textFrom, textTo)` of `textOf`. */
  let textOf: Uint8Array | undefined;
  let textFrom = 0;
  let textTo = 0;

  const putText = (owner: object, plan: LinePlan, bytes: Uint8Array, from: number, to: number): boolean => {
    let end = to;
    if (to - from > TEXT_BYTES) {
      const window = bytes.subarray(from, from + TEXT_BYTES);
      end = from + window.lastIndexOf(NEWLINE) + 1;
      if (end === from) return false;
    }
    const memory = new Uint8Array(exports.memory.buffer);
    memory.set(shape!, layout.SHAPE);
    memory.set(bytes.subarray(from, end), layout.TEXT);
    exports.setScales(plan.price.decimals, plan.price.mantissa, plan.size.decimals, plan.size.mantissa);
    kernel.textOf = owner;
    textOf = bytes;
    textFrom = from;
    textTo = end;
    return true;
  };

  const lines: FastLines = {
    start() {
      textOf = undefined;
    },
    read(reader, bytes, from, to, rows) {
      if (reader !== shaped) {
        shaped = reader;
        shape = shapeOf(reader.plan, layout.SHAPE_BYTES);
        textOf = undefined;
      }
      let at = from;
      while (shape && at < to) {
        if (kernel.textOf !== lines || textOf !== bytes || at < textFrom || at >= textTo) {
          if (to - at < MIN_BYTES || !putText(lines, reader.plan, bytes, at, to)) break;
        }
        const status = exports.readLines(at - textFrom, textTo - textFrom);
        const { buffer } = exports.memory;
        const count = exports.waitingLines();
        if (count > 0) {
          rows.append(
            new Float64Array(buffer, layout.LINE_TIMES, count),
            new Float64Array(buffer, layout.LINE_TICKS, count),
            new Float64Array(buffer, layout.LINE_LOTS, count),
            new Int8Array(buffer, layout.LINE_SIDES, count),
          );
        }
        at = textFrom + exports.textAt();
        if (status !== DONE && !(status === DRAIN && count === LINES)) break;
      }
      return at;
    },
  };
  return lines;
}

/** The shape in the kernel's form (`packages/footprint/wasm/lines.ts`); `undefined` where it does not fit. */
function shapeOf({ constants, codes, quoted, side }: LinePlan, room: number): Uint8Array | undefined {
  const bytes = 96 + constants.reduce((sum, { length }) => sum + 16 + 32 * Math.ceil(length / 16), 0);
  if (bytes > room || side.buy.length > 16 || side.sell.length > 16) return undefined;
  if (constants.some(({ length }) => length === 0)) return undefined;
  const shape = new Uint8Array(bytes);
  const view = new DataView(shape.buffer);
  const putBlock = (at: number, text: Uint8Array): void => {
    shape.set(text, at);
    shape.fill(0xff, at + 16, at + 16 + text.length);
  };
  putBlock(0, side.buy);
  view.setUint32(32, side.buy.length, true);
  putBlock(48, side.sell);
  view.setUint32(80, side.sell.length, true);
  let at = 96;
  for (const [i, constant] of constants.entries()) {
    const blocks = Math.ceil(constant.length / 16);
    for (const [j, value] of [constant.length, codes[i]!, quoted[i]!, blocks].entries()) {
      view.setUint32(at + 4 * j, value, true);
    }
    at += 16;
    for (let block = 0; block < blocks; block += 1) {
      putBlock(at, constant.subarray(16 * block, 16 * block + 16));
      at += 32;
    }
  }
  return shape;
}
