/** Everything the page knows of the market, kept up to date by the live stream. */
import type { TapekitClient } from '@tapekit/sdk';
import type { ArchiveStatus, Footprint, L1, Metrics, Progress, Score, SymbolInfo } from '@tapekit/sdk/schemas';
import { load, type Loadable, loading, messageOf } from './api.ts';
import { indexOfBar, upsertBars } from './bars.ts';

/** Bars that are loaded at once; earlier ones come when the reader scrolls to them. */
const windowBars = 1500;
/** A replay closes thousands of bars a second; the page redraws for all that came within this time. */
const batchMs = 80;
const retryDelaysMs = [2_000, 4_000, 8_000, 15_000, 30_000] as const;

/** Documents that are read once and then come with the stream. */
type Heard = 'archive' | 'metrics' | 'progress' | 'score';

/** The page's state. Call `start` once; the function that it returns ends everything. */
export class MarketState {
  /** `failed`: the API did not answer and there is nothing to show. */
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  problem = $state('');
  /** When the next try is due, epoch ms. */
  retryAtMs = $state<number | undefined>();
  connection = $state<'connecting' | 'live' | 'reconnecting'>('connecting');

  symbols = $state.raw<readonly SymbolInfo[]>([]);
  symbol = $state<string | undefined>();
  bars = $state.raw<readonly Footprint[]>([]);
  barsPhase = $state<'loading' | 'ready' | 'failed'>('loading');
  loadingEarlier = $state(false);
  metrics = $state.raw<Loadable<Metrics>>(loading);
  score = $state.raw<Loadable<Score>>(loading);
  quote = $state.raw<Loadable<L1>>(loading);
  archive = $state.raw<Loadable<ArchiveStatus>>(loading);
  progress = $state.raw<Progress | undefined>();

  /** Start of the selected bar, epoch ms; follows the newest bar until the reader picks another. */
  selected = $state<number | undefined>();
  following = $state(true);

  readonly #client: TapekitClient;
  #visit = 0;
  /** How many documents of each kind the stream brought. */
  readonly #heard = { archive: 0, metrics: 0, progress: 0, score: 0 };
  #failures = 0;
  #noEarlier = false;
  #arrived: Footprint[] = [];
  #batch: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(client: TapekitClient) {
    this.#client = client;
  }

  get info(): SymbolInfo | undefined {
    return this.symbols.find(({ symbol }) => symbol === this.symbol);
  }

  get selectedIndex(): number {
    return indexOfBar(this.bars, this.selected);
  }

  get selectedBar(): Footprint | undefined {
    return this.bars[this.selectedIndex];
  }

  /** Opens the live stream and loads what there is; returns the way to stop. */
  start(): () => void {
    const stop = new AbortController();
    void this.#follow(stop.signal);
    return () => {
      stop.abort();
      clearTimeout(this.#batch);
      clearTimeout(this.#retry);
    };
  }

  /** Loads everything anew. */
  async reload(): Promise<void> {
    clearTimeout(this.#retry);
    this.retryAtMs = undefined;
    const [onJob, onArchive] = [this.#unlessHeard('progress'), this.#unlessHeard('archive')];
    try {
      const [{ items }, health] = await Promise.all([this.#client.listSymbols(), load(() => this.#client.getHealth())]);
      this.symbols = items;
      if (health.status === 'ready') {
        const { job } = health.value.checks;
        onJob(() => (this.progress = job));
      }
      this.phase = 'ready';
      this.#failures = 0;
      const symbol = items.some((item) => item.symbol === this.symbol) ? this.symbol : items[0]?.symbol;
      await Promise.all([
        symbol === undefined ? undefined : this.show(symbol),
        load(() => this.#client.getArchive()).then((archive) => onArchive(() => (this.archive = archive))),
      ]);
    } catch (error) {
      this.problem = messageOf(error);
      if (this.bars.length === 0) this.phase = 'failed';
      const delayMs = retryDelaysMs[Math.min(this.#failures, retryDelaysMs.length - 1)]!;
      this.#failures += 1;
      this.retryAtMs = Date.now() + delayMs;
      this.#retry = setTimeout(() => void this.reload(), delayMs);
    }
  }

  /** Shows an instrument; documents of the one before that are still on their way are dropped. */
  async show(symbol: string): Promise<void> {
    const visit = (this.#visit += 1);
    const current =
      <T>(apply: (value: T) => void) =>
      (value: T) => {
        if (visit === this.#visit) apply(value);
      };
    if (symbol !== this.symbol) {
      this.symbol = symbol;
      this.bars = [];
      this.#arrived = [];
      this.selected = undefined;
      this.following = true;
      this.metrics = this.score = this.quote = loading;
    }
    const [onMetrics, onScore] = [this.#unlessHeard('metrics'), this.#unlessHeard('score')];
    this.#noEarlier = false;
    this.barsPhase = this.bars.length > 0 ? 'ready' : 'loading';
    await Promise.all([
      this.#loadBars(symbol).then(
        current((bars) => {
          // What the stream brought meanwhile is at least as new as what was read.
          this.bars = upsertBars(upsertBars(this.bars, bars), this.#arrived.splice(0));
          this.barsPhase = 'ready';
          this.#followLatest();
        }),
        current(() => (this.barsPhase = 'failed')),
      ),
      load(() => this.#client.getMetrics({ symbol })).then(current((value) => onMetrics(() => (this.metrics = value)))),
      load(() => this.#client.getScore({ symbol })).then(current((value) => onScore(() => (this.score = value)))),
      this.#loadQuote(symbol),
    ]);
  }

  #onHeard(kind: Heard, apply: () => void): void {
    this.#heard[kind] += 1;
    apply();
  }

  /** Runs what it is given, unless the stream has brought a document of the kind since: an answer may be older. */
  #unlessHeard(kind: Heard): (apply: () => void) => void {
    const before = this.#heard[kind];
    return (apply) => {
      if (before === this.#heard[kind]) apply();
    };
  }

  /** Loads the bars before the first one that is there, if there are any. */
  async loadEarlier(): Promise<void> {
    const [first] = this.bars;
    const { info, symbol } = this;
    if (!first || !info || symbol === undefined || this.loadingEarlier || this.#noEarlier) return;
    if (info.firstBarMs === null || first.t0 <= info.firstBarMs) {
      this.#noEarlier = true;
      return;
    }
    this.loadingEarlier = true;
    const visit = this.#visit;
    try {
      // Nights and weekends have no bars: reach further back until some turn up.
      for (let span = windowBars * Math.max(info.intervalMs, 1); ; span *= 4) {
        const from = Math.max(info.firstBarMs, first.t0 - span);
        const found = await this.#collect(symbol, from, first.t0);
        if (visit !== this.#visit) return;
        if (found.length > 0) this.bars = upsertBars(found, this.bars);
        if (found.length > 0 || from === info.firstBarMs) return;
      }
    } catch {
      // Scrolling to the edge again tries again.
    } finally {
      this.loadingEarlier = false;
    }
  }

  /** Selects a bar by its start; selecting the newest one follows the bars to come. */
  select(t0: number): void {
    this.selected = t0;
    this.following = t0 === this.bars.at(-1)?.t0;
  }

  /** Selects the bar `by` places on, as far as there are bars. */
  step(by: number): void {
    const at = Math.min(Math.max(this.selectedIndex + by, 0), this.bars.length - 1);
    const bar = this.bars[at];
    if (bar) this.select(bar.t0);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let first = true;
    const refresh = (): void => void this.reload();
    while (!signal.aborted) {
      try {
        const events = this.#client.stream({
          signal,
          onOpen: () => {
            this.connection = 'live';
            if (first || this.phase === 'failed') refresh();
            first = false;
          },
          onGap: refresh,
          onRetry: () => {
            this.connection = first ? 'connecting' : 'reconnecting';
            // No stream is no reason to show nothing: what can be read is read.
            if (first) refresh();
            if (first) this.connection = 'reconnecting';
            first = false;
          },
        });
        for await (const { event, data } of events) {
          if (event === 'bar') this.#onBar(data);
          else if (event === 'progress') this.#onHeard(event, () => (this.progress = data));
          else if (event === 'archive') this.#onHeard(event, () => (this.archive = { status: 'ready', value: data }));
          else if (data.symbol === this.symbol) {
            if (event === 'score') this.#onHeard(event, () => (this.score = { status: 'ready', value: data }));
            else {
              this.#onHeard(event, () => (this.metrics = { status: 'ready', value: data }));
              void this.#loadQuote(data.symbol);
            }
          }
        }
      } catch (error) {
        // The stream is refused for good, for instance by an older server: fall back to reading now and then.
        this.connection = 'reconnecting';
        this.problem = messageOf(error);
        await new Promise((resolve) => setTimeout(resolve, 15_000));
        if (!signal.aborted) refresh();
      }
    }
  }

  #onBar(bar: Footprint): void {
    const known = this.symbols.some(({ symbol }) => symbol === bar.symbol);
    if (bar.symbol === this.symbol) this.#arrived.push(bar);
    if (known && bar.symbol !== this.symbol) return;
    this.#batch ??= setTimeout(() => {
      this.#batch = undefined;
      // The first bar of an instrument: the list of instruments has changed.
      if (!this.symbols.some(({ symbol }) => symbol === bar.symbol)) return void this.reload();
      if (this.barsPhase !== 'ready' || this.#arrived.length === 0) return;
      this.bars = upsertBars(this.bars, this.#arrived.splice(0));
      this.#followLatest();
    }, batchMs);
  }

  #followLatest(): void {
    if (this.following || this.selectedIndex < 0) {
      this.selected = this.bars.at(-1)?.t0;
      this.following = true;
    }
  }

  async #loadQuote(symbol: string): Promise<void> {
    const quote = await load(() => this.#client.getQuote({ symbol }));
    if (symbol === this.symbol) this.quote = quote;
  }

  async #loadBars(symbol: string): Promise<Footprint[]> {
    const { info } = this;
    const from =
      info && info.bars > windowBars && info.lastBarMs !== null
        ? info.lastBarMs - windowBars * Math.max(info.intervalMs, 1)
        : undefined;
    return this.#collect(symbol, from);
  }

  async #collect(symbol: string, from?: number, to?: number): Promise<Footprint[]> {
    const bars: Footprint[] = [];
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    for await (const bar of this.#client.footprints({ symbol, limit: 500, ...range })) bars.push(bar);
    return bars;
  }
}
