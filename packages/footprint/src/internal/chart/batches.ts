/** Collects what is drawn by colour, so that the canvas changes its state once a colour; buffers are kept between frames. */
import type { Canvas } from './canvas.ts';

/** Rectangles in device pixels, drawn in the order of their colours. */
export interface RectBatches {
  /** Adds a rectangle in the colour of this index; those without area are left out. */
  add(colour: number, x: number, y: number, width: number, height: number): void;
  /** Draws the rectangles of the colours from one index to before another, and forgets them. */
  draw(canvas: Canvas, colours: readonly string[], from: number, to: number): void;
}

export function createRectBatches(): RectBatches {
  const buffers: number[][] = [];
  const sizes: number[] = [];
  return {
    add(colour, x, y, width, height) {
      if (!(width > 0 && height > 0)) return;
      const buffer = (buffers[colour] ??= []);
      let at = sizes[colour] ?? 0;
      buffer[at++] = x;
      buffer[at++] = y;
      buffer[at++] = width;
      buffer[at++] = height;
      sizes[colour] = at;
    },
    draw(canvas, colours, from, to) {
      for (let colour = from; colour < to; colour += 1) {
        const size = sizes[colour] ?? 0;
        if (size === 0) continue;
        const buffer = buffers[colour]!;
        canvas.fillStyle = colours[colour]!;
        for (let i = 0; i < size; i += 4) canvas.fillRect(buffer[i]!, buffer[i + 1]!, buffer[i + 2]!, buffer[i + 3]!);
        sizes[colour] = 0;
      }
    },
  };
}

/** Texts of one colour, weight and alignment. */
export interface TextBatch {
  add(text: string, x: number, y: number): void;
  /** Draws the texts and forgets them. */
  draw(canvas: Canvas, font: string, colour: string, align: 'left' | 'right' | 'center'): void;
}

export function createTextBatch(): TextBatch {
  const texts: string[] = [];
  const places: number[] = [];
  let size = 0;
  return {
    add(text, x, y) {
      texts[size] = text;
      places[2 * size] = x;
      places[2 * size + 1] = y;
      size += 1;
    },
    draw(canvas, font, colour, align) {
      if (size === 0) return;
      canvas.font = font;
      canvas.fillStyle = colour;
      canvas.textAlign = align;
      for (let i = 0; i < size; i += 1) canvas.fillText(texts[i]!, places[2 * i]!, places[2 * i + 1]!);
      size = 0;
    },
  };
}
