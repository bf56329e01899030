/** Runs in the browser: one chart on the page, driven from outside through `chartPage`. */
import { createGrid } from '@tapekit/orderflow/grid';
import { createChart, type IChartApi, type UTCTimestamp } from 'lightweight-charts';
import type { FootprintBar } from '../../src/footprint-bar.ts';
import {
  addFootprintPanes,
  createFootprintSeries,
  darkTheme,
  footprintCellAt,
  footprintChartOptions,
  footprintPriceFormat,
  footprintSeriesData,
  lightTheme,
  type FootprintCell,
  type FootprintDataOptions,
  type FootprintItem,
  type FootprintPanes,
  type FootprintPanesOptions,
  type FootprintSeriesOptions,
} from '../../src/lightweight-charts.ts';

declare const document: { getElementById(id: string): Parameters<typeof createChart>[0] };
declare const devicePixelRatio: number;
declare function requestAnimationFrame(then: (timeMs: number) => void): number;

const themes = { light: lightTheme, dark: darkTheme };

/** What is shown; plain JSON. */
export interface Shown {
  readonly bars: readonly FootprintBar[];
  readonly tickSize: string;
  readonly lotSize: string;
  readonly theme: keyof typeof themes;
  readonly data?: Omit<FootprintDataOptions, 'grid' | 'timeOf'>;
  readonly series?: Partial<Omit<FootprintSeriesOptions, 'theme' | 'formatLots'>>;
  /** CSS pixels from bar to bar. */
  readonly barSpacing: number;
  /** Bars of free room at the right. */
  readonly rightOffset?: number;
  /** Room above and below the bars, as shares of the pane. */
  readonly margins?: { readonly top: number; readonly bottom: number };
}

/** Times of a measurement, in milliseconds. */
export interface Measured {
  readonly drawMs: readonly number[];
  readonly frameMs: readonly number[];
}

/** What a measurement goes through. */
export interface Path {
  readonly frames: number;
  /** CSS pixels from bar to bar, at the first and at the last frame. */
  readonly from: number;
  readonly to: number;
  /** Rows of a tick that the price scale is held at; left out, it follows the bars in view. */
  readonly rows?: number;
}

let chart: IChartApi | undefined;
let panes: FootprintPanes | undefined;

const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

function begin(): IChartApi {
  chart?.remove();
  chart = createChart(document.getElementById('chart'), {
    autoSize: true,
    layout: { attributionLogo: false, fontSize: 11 },
    timeScale: { timeVisible: true, minBarSpacing: 0.5 },
  });
  return chart;
}

const page = {
  /** Shows bars in three panes. */
  async show({
    bars,
    tickSize,
    lotSize,
    theme,
    data,
    series,
    barSpacing,
    rightOffset = 0.7,
    margins,
  }: Shown): Promise<void> {
    const made = begin();
    const options: FootprintPanesOptions = {
      grid: createGrid({ tickSize, lotSize }),
      theme: themes[theme],
      ...data,
      ...(series && { series }),
    };
    panes = addFootprintPanes(made, options);
    panes.setBars(bars);
    made.timeScale().applyOptions({ barSpacing, rightOffset });
    if (margins) panes.series.priceScale().applyOptions({ scaleMargins: margins });
    await frame();
    await frame();
  },

  async update(bar: FootprintBar): Promise<void> {
    panes!.updateBar(bar);
    await frame();
    await frame();
  },

  async applyTheme(theme: keyof typeof themes): Promise<void> {
    panes!.applyTheme(themes[theme]);
    await frame();
    await frame();
  },

  /** Lowest and highest price of the pane of the footprints. */
  priceRange(): { readonly from: number; readonly to: number } | null {
    return panes!.series.priceScale().getVisibleRange();
  },

  /** Removes the panes; how many the chart has then. */
  remove(): number {
    panes!.remove();
    return chart!.panes().length;
  },

  /** Numbers of the three series. */
  values(): {
    readonly closes: number[];
    readonly deltas: number[];
    readonly cvd: number[];
    readonly colours: string[];
  } {
    const { series, deltaSeries, cvdSeries } = panes!;
    const numbers = (items: readonly unknown[]): number[] => (items as { value: number }[]).map((item) => item.value);
    return {
      closes: (series.data() as FootprintItem[]).map((item) => item.close),
      deltas: numbers(deltaSeries.data()),
      cvd: numbers(cvdSeries.data()),
      colours: deltaSeries.data().map((item) => ('color' in item ? (item.color ?? '') : '')),
    };
  },

  /** The cell at a price, found through the pixel where the price is drawn. */
  cellAt(index: number, price: number): FootprintCell | undefined {
    const { series } = panes!;
    const read = series.coordinateToPrice(series.priceToCoordinate(price)!);
    return footprintCellAt(series.data()[index] as FootprintItem, read!);
  },

  /** Colour `#rrggbb` of the chart, `dx` CSS pixels beside the centre of a bar, at a price. */
  colourAt(startMs: number, price: number, dx: number): string {
    const picture = chart!.takeScreenshot() as unknown as {
      getContext(kind: '2d'): {
        getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
      };
    };
    const ratio = devicePixelRatio;
    const x = chart!.timeScale().timeToCoordinate((startMs / 1000) as UTCTimestamp)! + dx;
    const y = panes!.series.priceToCoordinate(price)!;
    const { data } = picture.getContext('2d').getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1);
    return `#${[data[0]!, data[1]!, data[2]!].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  },

  /**
   * Scrolls and zooms over many bars, and times `draw` of the footprint series in each frame. With `rows`, the price
   * scale stays at so many rows, as one does to read figures.
   */
  async measure(
    { bars, tickSize, lotSize, theme, data, series }: Shown,
    { frames, from, to, rows }: Path,
  ): Promise<Measured> {
    const made = begin();
    const [drawMs, frameMs]: [number[], number[]] = [[], []];
    const view = createFootprintSeries();
    const renderer = view.renderer();
    const timed = {
      ...view,
      renderer: () => ({
        draw(...args: Parameters<typeof renderer.draw>): void {
          const start = performance.now();
          renderer.draw(...args);
          drawMs.push(performance.now() - start);
        },
      }),
    };
    const grid = createGrid({ tickSize, lotSize });
    made.applyOptions(footprintChartOptions(themes[theme]));
    const added = made.addCustomSeries(timed, {
      priceFormat: footprintPriceFormat(grid),
      theme: themes[theme],
      ...series,
    });
    added.setData(footprintSeriesData(bars, { grid, ...data }));
    made.timeScale().applyOptions({ barSpacing: from });
    if (rows !== undefined) {
      const half = (rows * Number(tickSize)) / 2;
      const middle = Number(grid.formatPrice(bars[bars.length >> 1]!.closeTicks));
      added.priceScale().setVisibleRange({ from: middle - half, to: middle + half });
    }
    await frame();
    drawMs.length = 0;
    let before = await frame();
    for (let i = 0; i < frames; i += 1) {
      const share = i / (frames - 1);
      // A whole zoom on a logarithmic scale, and once through the bars and back.
      made.timeScale().applyOptions({ barSpacing: from * (to / from) ** share });
      made.timeScale().scrollToPosition(-Math.round((bars.length / 2) * Math.sin(Math.PI * share)), false);
      const now = await frame();
      frameMs.push(now - before);
      before = now;
    }
    return { drawMs, frameMs };
  },
};

/** The type of the page's `chartPage`. */
export type ChartPage = typeof page;

Object.assign(globalThis, { chartPage: page });
