/** Makes PNG pictures of flat colours small: at most 256 colours, the most frequent ones exact, the others by the nearest. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const mostColours = 256;
/** So many of the most frequent colours are kept as they are. */
const exactColours = 64;

/** The same picture with a palette, of an RGB or RGBA picture with 8 bits a channel, not interlaced. */
export function toPalettePng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const palette = frequent(counts);
  const indexOf = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  const rows = Buffer.alloc((width + 1) * height);
  for (const [i, pixel] of pixels.entries()) {
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = indexOf.get(pixel)!;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => channels(colour)));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The most frequent colour of each of the most frequent groups of similar colours. */
function frequent(counts: ReadonlyMap<number, number>): number[] {
  const groups = new Map<number, { total: number; colour: number; count: number }>();
  for (const [colour, count] of counts) {
    const group = groups.get(colour & 0xf0f0f0);
    if (!group) groups.set(colour & 0xf0f0f0, { total: count, colour, count });
    else {
      group.total += count;
      if (count > group.count) [group.colour, group.count] = [colour, count];
    }
  }
  const flat = [...counts].sort(([, a], [, b]) => b - a).slice(0, exactColours);
  const grouped = [...groups.values()].sort((a, b) => b.total - a.total).map(({ colour }) => colour);
  return [...new Set([...flat.map(([colour]) => colour), ...grouped])].slice(0, mostColours);
}

function channels(colour: number): [red: number, green: number, blue: number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function nearest(palette: readonly number[], colour: number): number {
  const [red, green, blue] = channels(colour);
  let [best, least] = [0, Infinity];
  for (const [i, candidate] of palette.entries()) {
    const [r, g, b] = channels(candidate);
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** Pixels as `0xrrggbb`, row by row; alpha is dropped. */
function decode(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const parts: Buffer[] = [];
  let [width, height, depth] = [0, 0, 0];
  for (let at = signature.length; at < png.length;) {
    const size = png.readUInt32BE(at);
    const body = png.subarray(at + 8, at + 8 + size);
    const kind = png.toString('latin1', at + 4, at + 8);
    if (kind === 'IHDR') [width, height, depth] = [body.readUInt32BE(0), body.readUInt32BE(4), body[9] === 6 ? 4 : 3];
    if (kind === 'IDAT') parts.push(body);
    at += size + 12;
  }
  const stride = width * depth;
  const filtered = inflateSync(Buffer.concat(parts));
  let above = new Uint8Array(stride);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const filter = filtered[y * (stride + 1)]!;
    const line = Uint8Array.from(filtered.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let i = 0; i < stride; i += 1) {
      const left = i < depth ? 0 : line[i - depth]!;
      line[i]! += predicted(filter, left, above[i]!, i < depth ? 0 : above[i - depth]!);
    }
    for (let x = 0; x < width; x += 1) {
      const i = x * depth;
      pixels[y * width + x] = (line[i]! << 16) | (line[i + 1]! << 8) | line[i + 2]!;
    }
    above = line;
  }
  return { width, height, pixels };
}

/** The five filters of the PNG specification, section 9. */
function predicted(filter: number, left: number, above: number, corner: number): number {
  if (filter === 4) {
    const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
    return a <= b && a <= c ? left : b <= c ? above : corner;
  }
  return [0, left, above, (left + above) >> 1][filter]!;
}

function chunk(kind: string, body: Buffer): Buffer {
  const framed = Buffer.concat([Buffer.from(kind, 'latin1'), body]);
  const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(framed));
  return Buffer.concat([size, framed, check]);
}
