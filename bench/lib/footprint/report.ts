/** Figures as Markdown. */
import { median, timesFaster, timesFasterByCpu } from './contest.ts';
import type { Standing } from './contest.ts';
import type { GrowthRun } from './growth.ts';
import type { WideBars } from './wide-bars.ts';

/** A figure and what it shall be: at least the goal, or at most. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  /** The same ratio by processor time, where there is one. */
  readonly byCpu?: number;
  readonly goal: number;
  readonly most?: boolean;
}

/** The variants of a door; the ratios are to the first one. */
export function doorTable(standings: readonly Standing[], missing: readonly string[]): string {
  const [first] = standings;
  const rows = standings.map((standing) => {
    const ratio = standing === first ? '1' : short(timesFaster(standing, first!));
    const rate = short(standing.tradesPerSecond / 1e6);
    const cpu = short(median(standing.cpuPerTrade) * 1e9);
    const cpuRatio = standing === first ? '1' : short(timesFasterByCpu(standing, first!));
    return `| ${standing.name} | ${count(standing.trades)} | ${rate} | ${ratio} | ${cpu} | ${cpuRatio} | ${standing.note} |`;
  });
  const head =
    '| variant | trades | million trades/s | speed, first row = 1 | CPU ns a trade | by CPU time | |\n' +
    '| --- | ---: | ---: | ---: | ---: | ---: | --- |';
  return [head, ...rows, ...notRun(missing)].join('\n');
}

/** How many times faster each engine of ours is than each variant whose name begins so. */
export function ratioGoals(door: string, standings: readonly Standing[], peer: string, goal: number): Goal[] {
  return standings
    .filter(({ name }) => name.startsWith(peer))
    .flatMap((other) =>
      standings
        .filter(({ name }) => name.startsWith('ours'))
        .map((own) => ({
          name: `${door}: ${own.name} ÷ ${other.name}`,
          value: timesFaster(own, other),
          byCpu: timesFasterByCpu(own, other),
          goal,
        })),
    );
}

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ name, value, byCpu, goal, most }) => {
    const isMet = most ? value <= goal : value >= goal;
    const cpu = byCpu === undefined ? '' : short(byCpu);
    return `| ${name} | ${short(value)} | ${cpu} | ${most ? '≤' : '≥'} ${goal} | ${isMet ? 'met' : 'missed'} |`;
  });
  return ['| | measured | by CPU time | goal | |\n| --- | ---: | ---: | ---: | --- |', ...rows].join('\n');
}

/** Runs of one form by size. */
export interface GrowthForm {
  readonly form: string;
  readonly runs: readonly GrowthRun[];
}

export function growthTable(forms: readonly GrowthForm[], missing: readonly string[]): string {
  const rows = forms.flatMap(({ form, runs }) =>
    runs.map(
      ({ trades, bars, widestRows, nsPerTrade, highBytes }) =>
        `| ${form} | ${count(trades)} | ${count(bars)} | ${count(widestRows)} | ${short(nsPerTrade)} | ${short(highBytes / 1024)} |`,
    ),
  );
  const head =
    '| form | trades | bars | widest bar, rows | CPU ns a trade | most held, KiB |\n| --- | ---: | ---: | ---: | ---: | ---: |';
  return [head, ...rows, ...notRun(missing)].join('\n');
}

export function wideBarLines(wide: WideBars): string {
  const kib = (bytes: number): string => `${short(bytes / 1024)} KiB`;
  const { closeMs, closeAndMarkMs } = wide;
  return [
    '| | median | worst of a hundred |\n| --- | ---: | ---: |',
    `| closing it, ms | ${short(closeMs.median)} | ${short(closeMs.worstOfHundred)} |`,
    `| closing it and finding its imbalances, ms | ${short(closeAndMarkMs.median)} | ${short(closeAndMarkMs.worstOfHundred)} |`,
    '',
    `Its ladder is ${kib(wide.ladderBytes)} (rows × 6 columns × 8 bytes). A reducer holds ${kib(wide.openBytes)} with it open,` +
      ` ${kib(wide.retainingBytes)} with two closed bars like it kept for late prints, as by default. Its snapshot has` +
      ` ${count(wide.snapshotChars)} characters of JSON, the rows in it ${count(wide.snapshotRowsChars)}.`,
  ].join('\n');
}

function notRun(missing: readonly string[]): string[] {
  return missing.length === 0 ? [] : ['', `Not run: ${missing.join('; ')}.`];
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
}

function count(value: number): string {
  return value.toLocaleString('en');
}
