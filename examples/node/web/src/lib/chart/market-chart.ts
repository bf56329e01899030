/** The chart of the page: footprints, delta and cumulative delta in three panes over one time axis. */
import {
  BaselineSeries,
  ColorType,
  createChart,
  createTextWatermark,
  type DeepPartial,
  LineStyle,
  type TimeChartOptions,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Footprint } from '@tapekit/sdk/schemas';
import { cumulativeDeltas, indexOfBar, type PriceSteps } from '../bars.ts';
import { formatDate, formatDateTime, formatTime } from '../format.ts';
import { createDeltaView, deltaItem } from './delta-series.ts';
import { createFootprintView, footprintItem, type FootprintView } from './footprint-series.ts';
import type { ChartPalette } from './palette.ts';
import { createSelectionBand } from './selection-band.ts';

/** What the chart is told when it is made. */
export interface MarketChartOptions {
  readonly palette: ChartPalette;
  readonly steps: PriceSteps;
  /** A bar was pressed; its start, epoch ms. */
  readonly onSelect: (t0: number) => void;
  /** The crosshair moved over a bar, or off all bars. */
  readonly onHover: (t0: number | undefined) => void;
  /** What the footprint pane shows has changed. */
  readonly onView: (view: FootprintView) => void;
  /** The oldest bar came into view. */
  readonly onReachStart: () => void;
}

/** The chart as the page uses it. */
export interface MarketChart {
  /** Shows these bars; the view stays where it is, and follows new bars when it was at the end. */
  setBars(bars: readonly Footprint[]): void;
  setSteps(steps: PriceSteps): void;
  setPalette(palette: ChartPalette): void;
  /** Marks a bar; with `reveal` it is scrolled into view. */
  select(t0: number | undefined, reveal: boolean): void;
  /** Makes bars wider (above 1) or narrower. */
  zoom(factor: number): void;
  showAll(): void;
  /** The last bars, wide enough for figures. */
  showFootprint(): void;
  destroy(): void;
}

/** A range of bar indices, between bar centres. */
interface LogicalSpan {
  readonly from: number;
  readonly to: number;
}

/** Bars of this width show their figures without crowding. */
const comfortableBarPx = 96;

const secondsOf = (t0: number): UTCTimestamp => (t0 / 1000) as UTCTimestamp;

/** Creates the chart in an element, which gives it its size. */
export function createMarketChart(container: HTMLElement, options: MarketChartOptions): MarketChart {
  const { palette, steps, onSelect, onHover, onView, onReachStart } = options;
  let bars: readonly Footprint[] = [];

  const chart = createChart(container, chartOptions(palette));
  const scale = chart.timeScale();
  const footprints = chart.addCustomSeries(createFootprintView({ palette, steps }, onView), {
    priceFormat: priceFormat(steps),
    // The label on the axis is enough: a line would run through the figures of the last bar.
    priceLineVisible: false,
    color: palette.muted,
  });
  const lower = { priceFormat: { type: 'volume' }, lastValueVisible: false, priceLineVisible: false } as const;
  const delta = chart.addCustomSeries(createDeltaView(palette), lower, 1);
  const cvd = chart.addSeries(
    BaselineSeries,
    { ...lower, ...baselineColours(palette), lineWidth: 2, crosshairMarkerVisible: false },
    2,
  );

  // Room above and below for the names of the panes.
  for (const series of [delta, cvd]) series.priceScale().applyOptions({ scaleMargins: { top: 0.16, bottom: 0.1 } });

  const panes = chart.panes();
  for (const [at, stretch] of [66, 17, 17].entries()) panes[at]?.setStretchFactor(stretch);
  const bands = panes.map((pane) => {
    const band = createSelectionBand(palette.selection);
    pane.attachPrimitive(band);
    return band;
  });
  const names = ['Delta', 'CVD'].map((text, at) =>
    createTextWatermark(panes[at + 1]!, { horzAlign: 'left', vertAlign: 'top', lines: [nameLine(text, palette)] }),
  );

  chart.subscribeClick(({ time }) => {
    if (typeof time === 'number') onSelect(Math.round(time * 1000));
  });
  chart.subscribeCrosshairMove(({ time, point }) => {
    onHover(typeof time === 'number' && point ? Math.round(time * 1000) : undefined);
  });
  scale.subscribeVisibleLogicalRangeChange((range) => {
    if (range && bars.length > 0 && range.from < 1) onReachStart();
  });

  /** The library takes a new range over with the next frame; until then, what was asked for counts. */
  let wanted: LogicalSpan | undefined;
  const visibleRange = (): LogicalSpan | null => wanted ?? scale.getVisibleLogicalRange();
  const setRange = (range: LogicalSpan): void => {
    wanted = range;
    scale.setVisibleLogicalRange(range);
    requestAnimationFrame(() => {
      if (wanted === range) wanted = undefined;
    });
  };

  function setBars(next: readonly Footprint[]): void {
    const previous = bars;
    bars = next;
    const sums = cumulativeDeltas(next);
    const line = next.map((bar, at) => ({ time: secondsOf(bar.t0), value: Number(sums[at]) }));
    // A bar that was added or revised at the end is an update, which keeps the view; anything else is a new series.
    const last = next.at(-1);
    const appended =
      last !== undefined &&
      previous.length > 0 &&
      next.length - previous.length <= 1 &&
      previous.slice(0, -1).every((bar, at) => bar === next[at]) &&
      next[previous.length - 1]?.t0 === previous.at(-1)?.t0;
    if (appended) {
      for (const bar of next.slice(previous.length - 1)) {
        footprints.update(footprintItem(bar));
        delta.update(deltaItem(bar));
        cvd.update(line[indexOfBar(next, bar.t0)]!);
      }
      return;
    }
    const range = previous.length > 0 ? visibleRange() : null;
    const earlier = previous.length > 0 ? Math.max(0, indexOfBar(next, previous[0]!.t0)) : 0;
    footprints.setData(next.map(footprintItem));
    delta.setData(next.map(deltaItem));
    cvd.setData(line);
    if (range) setRange({ from: range.from + earlier, to: range.to + earlier });
  }

  /** Shows whole bars from one index to another; the range of the library runs between their centres. */
  const showRange = (first: number, last: number): void => setRange({ from: first, to: last });

  function showFootprint(): void {
    // At least three bars, also where that makes them narrow: a phone.
    const count = Math.max(3, Math.floor(scale.width() / comfortableBarPx));
    const last = Math.max(bars.length, count) - 1;
    showRange(last - count + 1, last);
  }

  return {
    setBars,
    setSteps: (next) => footprints.applyOptions({ steps: next, priceFormat: priceFormat(next) }),
    setPalette: (next) => {
      chart.applyOptions(chartOptions(next));
      footprints.applyOptions({ palette: next, color: next.muted });
      delta.applyOptions({ palette: next });
      cvd.applyOptions(baselineColours(next));
      for (const band of bands) band.setColour(next.selection);
      for (const [at, text] of ['Delta', 'CVD'].entries()) names[at]?.applyOptions({ lines: [nameLine(text, next)] });
    },
    select: (t0, reveal) => {
      for (const band of bands) band.select(t0 === undefined ? undefined : secondsOf(t0));
      const at = indexOfBar(bars, t0);
      const range = visibleRange();
      if (!reveal || at < 0 || !range) return;
      const width = range.to - range.from;
      if (at < range.from) setRange({ from: at, to: at + width });
      else if (at > range.to) setRange({ from: at - width, to: at });
    },
    zoom: (factor) => {
      const range = visibleRange();
      if (!range) return;
      const width = Math.max((range.to - range.from + 1) / factor - 1, 0.2);
      // At the end, the end stays; elsewhere, the middle.
      const atEnd = range.to >= bars.length - 1;
      const to = atEnd ? range.to : (range.from + range.to + width) / 2;
      setRange({ from: to - width, to });
    },
    showAll: () => showRange(0, Math.max(bars.length, 12) - 1),
    showFootprint,
    destroy: () => chart.remove(),
  };
}

function priceFormat({ tick, digits }: PriceSteps): { type: 'price'; precision: number; minMove: number } {
  return { type: 'price', precision: digits, minMove: tick };
}

function nameLine(
  text: string,
  { muted, fontFamily }: ChartPalette,
): { text: string; color: string; fontSize: number; fontFamily: string } {
  return { text: ` ${text}`, color: muted, fontSize: 11, fontFamily };
}

function baselineColours({ buy, sell }: ChartPalette): Record<string, string> {
  return {
    topLineColor: buy,
    topFillColor1: `${buy}33`,
    topFillColor2: `${buy}08`,
    bottomLineColor: sell,
    bottomFillColor1: `${sell}08`,
    bottomFillColor2: `${sell}33`,
  };
}

function chartOptions({ surface, line, muted, text, fontFamily }: ChartPalette): DeepPartial<TimeChartOptions> {
  const label = { labelBackgroundColor: text, color: muted, width: 1, style: LineStyle.Dashed } as const;
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: surface },
      textColor: muted,
      fontSize: 11,
      fontFamily,
      // The footer of the page carries the notice and the link that the library's licence asks for.
      attributionLogo: false,
      panes: { separatorColor: line, separatorHoverColor: `${muted}33`, enableResize: true },
    },
    grid: { vertLines: { color: line, style: LineStyle.Dotted }, horzLines: { color: line, style: LineStyle.Dotted } },
    crosshair: { mode: 0, vertLine: label, horzLine: label },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.06, bottom: 0.06 }, minimumWidth: 64 },
    timeScale: {
      borderColor: line,
      timeVisible: true,
      secondsVisible: false,
      minBarSpacing: 1.5,
      rightOffset: 0,
      tickMarkFormatter: (time: unknown, kind: number) =>
        typeof time !== 'number' ? null : kind <= 2 ? formatDate(time * 1000) : formatTime(time * 1000),
    },
    localization: {
      timeFormatter: (time: unknown) => (typeof time === 'number' ? `${formatDateTime(time * 1000)} UTC` : ''),
    },
    // A finger moving up or down scrolls the page, not the chart.
    handleScroll: { vertTouchDrag: false },
    kineticScroll: { touch: true, mouse: false },
  };
}
