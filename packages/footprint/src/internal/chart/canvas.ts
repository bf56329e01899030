/** What is used of a canvas: any `CanvasRenderingContext2D` is one, and so is a recorder in tests. */
export interface Canvas {
  fillStyle: unknown;
  font: string;
  textAlign: string;
  textBaseline: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
}

/** The bitmap of a pane: everything on it is in device pixels. */
export interface Bitmap {
  readonly context: Canvas;
  readonly bitmapSize: { readonly width: number; readonly height: number };
  readonly horizontalPixelRatio: number;
  readonly verticalPixelRatio: number;
}
