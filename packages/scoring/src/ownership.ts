/** Who owns a company, and what changed between two reports. */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import type { Weights } from './composite.ts';
import { componentOf, composeScore } from './composite.ts';
import { ScoringError } from './errors.ts';
import { clampUnit, scoreFromOffset, words } from './internal/micro-points.ts';
import { checkList, checkObject } from './internal/objects.ts';
import { withDefaults } from './internal/options.ts';

/**
 * What kind of holder it is: `strategic` are founders, families and holding companies, whose shares are not for sale;
 * `public` is everybody who is not named.
 */
export type HolderKind = 'insider' | 'government' | 'strategic' | 'institution' | 'public' | 'other';

/** One holder in a report. */
export interface Holding {
  readonly holder: string;
  readonly kind: HolderKind;
  /** Percent of all shares, 0 to 100. */
  readonly percent: number;
}

/** All holders that one report names, each once. */
export interface HoldingReport {
  /** When it was published, epoch milliseconds UTC. */
  readonly publishedMs: number;
  readonly holdings: readonly Holding[];
}

/** Options of {@link scoreOwnership}. */
export interface OwnershipOptions {
  /**
   * The moment that the score is for, epoch milliseconds UTC; reports published later are not used.
   * @defaultValue not looked at
   */
  readonly asOfMs?: number | undefined;
  /**
   * Age of the newest report from which it is too old, days; counts with `asOfMs`.
   * @defaultValue 400
   */
  readonly maxAgeDays?: number;
  /**
   * Change of one holder that counts as significant, percent of all shares.
   * @defaultValue 1
   */
  readonly significantPercent?: number;
  /**
   * Weights of `insiders`, `institutions` and `free-float`.
   * @defaultValue .35, .35, .30
   */
  readonly weights?: Weights;
}

/** The options that apply where none are given. */
export const ownershipDefaults: Required<Omit<OwnershipOptions, 'asOfMs'>> = {
  maxAgeDays: 400,
  significantPercent: 1,
  weights: { insiders: 0.35, institutions: 0.35, 'free-float': 0.3 },
};

const msPerDay = 86_400_000;

/** What one group did between two reports, percent of all shares. */
export interface GroupChange {
  readonly bought: number;
  readonly sold: number;
  /** Holders whose change was significant. */
  readonly significantBuys: number;
  readonly significantSells: number;
  /** Holders that are only in the newer, or only in the older report. */
  readonly entered: number;
  readonly left: number;
}

/**
 * What the holders of some kinds did between two reports. A holder is known by name; one that is absent holds nothing.
 *
 * @example
 * ```ts
 * const before = [{ holder: 'Fund A', kind: 'institution' as const, percent: 4 }];
 * const after = [{ holder: 'Fund A', kind: 'institution' as const, percent: 6 }];
 * holdingChanges(before, after, ['institution']);
 * // => { bought: 2, sold: 0, significantBuys: 1, significantSells: 0, entered: 0, left: 0 }
 * ```
 * @throws {@link ScoringError} `bad-option`.
 */
export function holdingChanges(
  before: readonly Holding[],
  after: readonly Holding[],
  kinds: readonly HolderKind[],
  significantPercent: number = ownershipDefaults.significantPercent,
): GroupChange {
  checkSignificant(significantPercent);
  const of = (list: readonly Holding[]): Map<string, number> =>
    new Map(list.filter(({ kind }) => kinds.includes(kind)).map(({ holder, percent }) => [holder, percent]));
  const [old, now] = [of(before), of(after)];
  const change = { bought: 0, sold: 0, significantBuys: 0, significantSells: 0, entered: 0, left: 0 };
  for (const holder of new Set([...old.keys(), ...now.keys()])) {
    const by = (now.get(holder) ?? 0) - (old.get(holder) ?? 0);
    if (by > 0) change.bought += by;
    else change.sold -= by;
    if (by > significantPercent) change.significantBuys++;
    if (by < -significantPercent) change.significantSells++;
    if (!old.has(holder)) change.entered++;
    if (!now.has(holder)) change.left++;
  }
  return change;
}

/**
 * Percent of the shares that can be had: all, less those of insiders, governments and strategic holders.
 *
 * @example
 * ```ts
 * freeFloatPercent([{ holder: 'Holding PT', kind: 'strategic', percent: 54.5 }]); // => 45.5
 * ```
 */
export function freeFloatPercent(holdings: readonly Holding[]): number {
  const bound = holdings.filter(({ kind }) => kind === 'insider' || kind === 'government' || kind === 'strategic');
  return Math.max(0, 100 - bound.reduce((sum, { percent }) => sum + percent, 0));
}

/**
 * The `ownership` component from reports in any order: changes between the two newest, and the free float of the newest.
 * With one report there are no changes to know, and coverage says so.
 *
 * Insiders: 50 ± 25 by the share of their buying, ± 8 for one holder's significant change or ± 15 for more. Institutions:
 * 50 ± 25 by the sign of their net, ± 10 when more entered than left. Both are symmetric: sales count like purchases.
 * Free float: two points for every percent, up to 100.
 *
 * @throws {@link ScoringError} `bad-value` for a percentage that is not from 0 to 100, holdings of more than all shares, a
 * holder that is there twice, a moment that is none, or two reports of one moment that differ; `bad-option`.
 */
export function scoreOwnership(reports: readonly HoldingReport[], options: OwnershipOptions = {}): ComponentScore {
  const { maxAgeDays, significantPercent, weights } = withDefaults(ownershipDefaults, options);
  const { asOfMs } = options;
  if (asOfMs !== undefined) checkFinite('asOfMs', asOfMs);
  if (!(typeof maxAgeDays === 'number' && maxAgeDays > 0)) {
    const message = `maxAgeDays "${String(maxAgeDays)}" is not a number above 0. Pass for example 400.`;
    throw new ScoringError('bad-option', message, maxAgeDays);
  }
  checkSignificant(significantPercent);
  checkList('reports', reports);
  reports.forEach((report, i) => {
    checkObject(`report ${i}`, report);
    checkList(`holdings of report ${i}`, report.holdings);
  });
  const [now, before] = newestFirst(reports, asOfMs);
  if (!now) return missingComponent('ownership', 'no report of holdings is known');
  const days = asOfMs === undefined ? 0 : (asOfMs - now.publishedMs) / msPerDay;
  if (days > maxAgeDays) {
    const reason = `the last report of holdings is ${Math.floor(days)} days old, more than ${maxAgeDays}`;
    return missingComponent('ownership', reason);
  }
  const changeOf = (kind: HolderKind): GroupChange | undefined => {
    if (!before || ![...now.holdings, ...before.holdings].some((holding) => holding.kind === kind)) return undefined;
    return holdingChanges(before.holdings, now.holdings, [kind], significantPercent);
  };
  const parts = [insiders(changeOf('insider')), institutions(changeOf('institution')), freeFloat(now.holdings)];
  const components = parts.filter(({ name }) => Object.hasOwn(weights, name));
  return componentOf('ownership', composeScore({ symbol: '', components, weights }));
}

/** The reports that were published, each once, checked. */
function newestFirst(reports: readonly HoldingReport[], asOfMs: number | undefined): HoldingReport[] {
  for (const { publishedMs } of reports) checkFinite('publishedMs', publishedMs, ' of a report');
  const known = reports
    .filter(({ publishedMs }) => asOfMs === undefined || publishedMs <= asOfMs)
    .sort((a, b) => b.publishedMs - a.publishedMs);
  known.forEach(checkReport);
  return known.filter((report, i) => {
    const newer = known[i - 1];
    if (newer?.publishedMs !== report.publishedMs) return true;
    if (textOf(newer) === textOf(report)) return false;
    throw new ScoringError(
      'bad-value',
      `two reports published at "${report.publishedMs}" differ, expected one. ` +
        'Merge them, or give the correction its own time.',
      report,
    );
  });
}

/** The same for the same holdings, in whatever order. */
function textOf({ holdings }: HoldingReport): string {
  const lines = holdings.map(({ holder, kind, percent }) => JSON.stringify([holder, kind, percent]));
  return lines.sort().join();
}

function insiders(change: GroupChange | undefined): ComponentScore {
  if (!change) return missingComponent('insiders', 'no two reports name insiders');
  const { bought, sold, significantBuys, significantSells } = change;
  const moved = bought + sold;
  const steps = (count: number): number => (count >= 2 ? 15 : count === 1 ? 8 : 0);
  const share = moved > 0 ? bought / moved - 0.5 : 0;
  return measured(
    'insiders',
    50 * share + steps(significantBuys) - steps(significantSells),
    moved > 0 ? `insiders bought ${words(bought)} and sold ${words(sold)} % of the shares` : 'insiders changed nothing',
    { bought, sold, significantBuys, significantSells },
    '50 + 50 × (bought ÷ (bought + sold) − ½) + steps(significantBuys) − steps(significantSells), steps 0, 8, 15',
  );
}

function institutions(change: GroupChange | undefined): ComponentScore {
  if (!change) return missingComponent('institutions', 'no two reports name institutions');
  const { bought, sold, entered, left } = change;
  const net = bought - sold;
  return measured(
    'institutions',
    25 * Math.sign(net) + 10 * Math.sign(entered - left),
    `institutions bought ${words(bought)} and sold ${words(sold)} % of the shares, ${entered} entered, ${left} left`,
    { bought, sold, entered, left },
    '50 + 25 × sign(bought − sold) + 10 × sign(entered − left)',
  );
}

function freeFloat(holdings: readonly Holding[]): ComponentScore {
  const percent = freeFloatPercent(holdings);
  return measured(
    'free-float',
    100 * clampUnit(percent / 50) - 50,
    `${words(percent)} % of the shares can be had`,
    { freeFloatPercent: percent },
    'min(100, 2 × freeFloatPercent)',
  );
}

function measured(
  name: string,
  offset: number,
  reason: string,
  inputs: ComponentScore['inputs'],
  rule: string,
): ComponentScore {
  return { name, score: scoreFromOffset(offset), quality: 'measured', reasons: [reason], inputs, rule };
}

function checkFinite(name: string, value: number, of = ''): void {
  if (Number.isFinite(value)) return;
  const message = `${name} "${String(value)}"${of} is not a finite number. Pass epoch milliseconds UTC.`;
  throw new ScoringError('bad-value', message, value);
}

const kinds: readonly HolderKind[] = ['insider', 'government', 'strategic', 'institution', 'public', 'other'];

function checkSignificant(percent: number): void {
  if (Number.isFinite(percent) && percent >= 0) return;
  const message = `significantPercent "${String(percent)}" is not a number of at least 0. Pass for example 1.`;
  throw new ScoringError('bad-option', message, percent);
}

/** Percentages are rounded, one by one, before they are published. */
const roundingPercent = 0.5;

function checkReport({ holdings, publishedMs }: HoldingReport): void {
  const seen = new Set<string>();
  for (const holding of holdings) {
    checkObject('holding', holding);
    const { holder, kind, percent } = holding;
    if (!kinds.includes(kind)) {
      const message = `kind "${kind}" of holder "${holder}" is not one of ${kinds.join(', ')}. Use other.`;
      throw new ScoringError('bad-value', message, kind);
    }
    if (!(typeof percent === 'number' && percent >= 0 && percent <= 100)) {
      throw new ScoringError(
        'bad-value',
        `percent "${String(percent)}" of holder "${holder}" is not a number from 0 to 100. Mend the report.`,
        percent,
      );
    }
    if (seen.has(holder)) {
      throw new ScoringError(
        'bad-value',
        `holder "${holder}" is twice in a report, expected once. Add the two up.`,
        holder,
      );
    }
    seen.add(holder);
  }
  const sum = holdings.reduce((total, { percent }) => total + percent, 0);
  if (sum <= 100 + roundingPercent) return;
  throw new ScoringError(
    'bad-value',
    `holdings of the report published at "${publishedMs}" add up to "${words(sum)}" percent, expected at most 100. ` +
      'Mend the report.',
    sum,
  );
}
