/** The colours that the canvas needs, read from the page's CSS so that both change together. */
export interface ChartPalette {
  readonly surface: string;
  readonly line: string;
  readonly text: string;
  readonly muted: string;
  /** Lines and outlines of buying (or rising) and selling (or falling). */
  readonly buy: string;
  readonly sell: string;
  /** Cell backgrounds, drawn with an alpha of the volume. */
  readonly buyFill: string;
  readonly sellFill: string;
  readonly poc: string;
  readonly unknown: string;
  readonly selection: string;
  readonly fontFamily: string;
}

/** Reads the palette that holds for an element now. */
export function readPalette(element: Element): ChartPalette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    surface: token('surface'),
    line: token('line-soft'),
    text: token('text'),
    muted: token('muted'),
    buy: token('buy'),
    sell: token('sell'),
    buyFill: token('buy-fill'),
    sellFill: token('sell-fill'),
    poc: token('poc'),
    unknown: token('unknown'),
    selection: token('selection'),
    fontFamily: style.fontFamily,
  };
}
