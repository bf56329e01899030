/** Signs that a price is being pumped, weighed over everything that was looked at. */
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { ScoringError } from '../errors.ts';
import { scoreFromOffset, words } from '../internal/micro-points.ts';
import { withDefaults } from '../internal/options.ts';

/** A sign of a pump. */
export type PumpSign = 'authors' | 'crowding' | 'price' | 'social' | 'volume' | 'words';

/** What is known; leave out (or pass `undefined`) what was not looked at. 0 is an observation, not a gap. */
export interface PumpEvidence {
  /** Posts of the window ÷ posts of an ordinary one. */
  readonly postRatio?: number | undefined;
  /** Volume of the window ÷ volume of an ordinary one. */
  readonly volumeRatio?: number | undefined;
  /** Return over the window as a fraction: 0.15 is +15 %. */
  readonly priceChange?: number | undefined;
  /** Mean age of the accounts that posted, in days. */
  readonly authorAgeDays?: number | undefined;
  /** Posts that contain a word of a pump ({@link pumpWords}). */
  readonly wordHits?: number | undefined;
  /** Posts ÷ authors. */
  readonly postsPerAuthor?: number | undefined;
  /** True when a filing, report or announcement explains the move; lowers the risk. */
  readonly isExplained?: boolean | undefined;
}

/** Options of {@link pumpRisk}. */
export interface PumpOptions {
  /**
   * Weight of each sign.
   * @defaultValue social 0.20, volume 0.25, price 0.20, authors 0.10, words 0.15, crowding 0.10
   */
  readonly weights?: Readonly<Record<PumpSign, number>>;
  /**
   * What the risk is multiplied with when the move is explained, 0 to 1.
   * @defaultValue 0.7
   */
  readonly explainedFactor?: number;
  /**
   * Risk from which there is a warning, 0 to 1.
   * @defaultValue 0.5
   */
  readonly warnAt?: number;
  /**
   * Share of the weights that must be known for any statement, 0 to 1.
   * @defaultValue 0.4
   */
  readonly leastCoverage?: number;
}

/** The options that apply where none are given: the weights of the reference system. */
export const pumpDefaults: Required<PumpOptions> = {
  weights: { social: 0.2, volume: 0.25, price: 0.2, authors: 0.1, words: 0.15, crowding: 0.1 },
  explainedFactor: 0.7,
  warnAt: 0.5,
  leastCoverage: 0.4,
};

/** One sign, as far as it is known. */
export interface PumpPart {
  readonly sign: PumpSign;
  readonly weight: number;
  /** What was observed; `undefined` where it was not looked at. */
  readonly value: number | undefined;
  /** 0 (ordinary) to 1; `undefined` where it was not looked at. */
  readonly strength: number | undefined;
}

/** The risk that a price is being pumped. */
export interface PumpRisk {
  /** Σ weight × strength ÷ Σ weight over all signs that were looked at, fired or not; `undefined` below `leastCoverage`. */
  readonly risk: number | undefined;
  /** Weight of what was looked at ÷ all weights. */
  readonly coverage: number;
  /** From `warnAt` (0.5) on a warning; the others from 0.6, 0.75 and 0.9. */
  readonly severity: 'critical' | 'high' | 'low' | 'medium' | 'none' | undefined;
  readonly parts: readonly PumpPart[];
}

interface Rule {
  readonly sign: PumpSign;
  readonly value: (evidence: PumpEvidence) => number | undefined;
  /** Whether it is out of the ordinary at all. */
  readonly fires: (value: number) => boolean;
  /** How strongly, before it is cut to 0…1. */
  readonly strength: (value: number) => number;
  readonly words: (value: number) => string;
}

const rules: readonly Rule[] = [
  {
    sign: 'social',
    value: ({ postRatio }) => postRatio,
    fires: (ratio) => ratio > 3,
    strength: (ratio) => (ratio - 1) / 5,
    words: (ratio) => `${words(ratio)} times the posts of an ordinary window`,
  },
  {
    sign: 'volume',
    value: ({ volumeRatio }) => volumeRatio,
    fires: (ratio) => ratio >= 5,
    strength: (ratio) => (ratio - 1) / 10,
    words: (ratio) => `${words(ratio)} times the ordinary volume`,
  },
  {
    sign: 'price',
    value: ({ priceChange }) => priceChange,
    fires: (change) => change >= 0.15,
    strength: (change) => change / 0.3,
    words: (change) => `price ${words(100 * change)} % up`,
  },
  {
    sign: 'authors',
    value: ({ authorAgeDays }) => authorAgeDays,
    fires: (age) => age < 30,
    strength: (age) => 1 - age / 30,
    words: (age) => `accounts ${words(age)} days old on average`,
  },
  {
    sign: 'words',
    value: ({ wordHits }) => wordHits,
    fires: (hits) => hits >= 1,
    strength: (hits) => hits / 5,
    words: (hits) => `${words(hits)} posts with words of a pump`,
  },
  {
    sign: 'crowding',
    value: ({ postsPerAuthor }) => postsPerAuthor,
    fires: (posts) => posts > 3,
    strength: (posts) => (posts - 3) / 7,
    words: (posts) => `${words(posts)} posts an author`,
  },
];

/**
 * The risk from all evidence. A sign that was looked at and is ordinary counts with 0, so one strong sign alone is no pump;
 * one that was not looked at lowers the coverage.
 *
 * @example
 * ```ts
 * pumpRisk({ volumeRatio: 20, priceChange: 0.02, postRatio: 1, wordHits: 0 }).risk; // => 0.3125
 * pumpRisk({ volumeRatio: 20, priceChange: 0.3, postRatio: 6, wordHits: 5 }).severity; // => 'critical'
 * pumpRisk({ volumeRatio: 20 }).risk; // => undefined
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` for evidence that is not finite or cannot be negative.
 */
export function pumpRisk(evidence: PumpEvidence, options: PumpOptions = {}): PumpRisk {
  const { weights, explainedFactor, warnAt, leastCoverage } = checkOptions(withDefaults(pumpDefaults, options));
  let [known, all, sum] = [0, 0, 0];
  const parts = rules.map((rule): PumpPart => {
    const weight = weights[rule.sign];
    const value = rule.value(evidence);
    all += weight;
    if (value === undefined) return { sign: rule.sign, weight, value, strength: undefined };
    checkEvidence(rule.sign, value);
    const strength = rule.fires(value) ? Math.max(0, Math.min(1, rule.strength(value))) : 0;
    known += weight;
    sum += weight * strength;
    return { sign: rule.sign, weight, value, strength };
  });
  const coverage = round(known / all);
  if (known === 0 || coverage < leastCoverage) return { risk: undefined, coverage, severity: undefined, parts };
  const risk = round((sum / known) * (evidence.isExplained === true ? explainedFactor : 1));
  return { risk, coverage, severity: severityOf(risk, warnAt), parts };
}

/**
 * The component `pump-risk`: 50 − 50 × risk from a warning on. `missing` without a warning: the absence of a pump says
 * nothing for a price.
 *
 * @throws {@link ScoringError} as {@link pumpRisk}.
 */
export function scorePumpRisk(evidence: PumpEvidence, options: PumpOptions = {}): ComponentScore {
  const { risk, coverage, severity, parts } = pumpRisk(evidence, options);
  const inputs = { ...Object.fromEntries(parts.map(({ sign, value }) => [sign, value])), risk, coverage };
  if (risk === undefined || severity === undefined) {
    return missingComponent(
      'pump-risk',
      `${words(100 * coverage)} % of the evidence was looked at: too little`,
      inputs,
    );
  }
  if (severity === 'none') return missingComponent('pump-risk', `risk ${words(risk)}: no warning`, inputs);
  const reasons = rules.flatMap((rule, i) => {
    const { value, strength } = parts[i]!;
    return value !== undefined && strength ? [rule.words(value)] : [];
  });
  return {
    ...{ name: 'pump-risk', score: scoreFromOffset(-50 * risk), quality: 'measured', inputs, coverage },
    rule: '50 − 50 × risk',
    reasons: [`risk of a pump ${words(risk)}: ${severity}`, ...reasons],
  };
}

/** Words and phrases of pumps, Indonesian and English, lower case. A list to start from; pass your own. */
export const pumpWords: readonly string[] = [
  ...['pasti naik', 'pasti untung', 'auto cuan', 'to the moon', 'terbang', 'serok', 'gas terus', 'jangan ketinggalan'],
  ...['sebelum terlambat', 'siap meledak', 'bandar masuk', 'ara besok', 'guaranteed', "can't lose", 'next gem'],
  ...['moonshot', '10x', '100x', 'buy now', 'last chance', 'pump'],
];

function severityOf(risk: number, warnAt: number): PumpRisk['severity'] {
  if (risk < warnAt) return 'none';
  return risk >= 0.9 ? 'critical' : risk >= 0.75 ? 'high' : risk >= 0.6 ? 'medium' : 'low';
}

function checkEvidence(sign: PumpSign, value: number): void {
  if (typeof value === 'number' && Number.isFinite(value) && (sign === 'price' || value >= 0)) return;
  throw new ScoringError(
    'bad-value',
    `evidence "${String(value)}" of "${sign}" is not a finite number${sign === 'price' ? '' : ' of at least 0'}. ` +
      'Leave it out when it is unknown.',
    value,
  );
}

function checkOptions(options: Required<PumpOptions>): Required<PumpOptions> {
  const { weights, ...shares } = options;
  const sum = rules.reduce((total, { sign }) => total + (weights[sign] >= 0 ? weights[sign] : Number.NaN), 0);
  if (!(sum > 0 && sum < Infinity)) {
    throw new ScoringError(
      'bad-weights',
      `weights "${JSON.stringify(weights)}" are not numbers of at least 0 with one above it. Pass one for each sign.`,
      weights,
    );
  }
  for (const [name, value] of Object.entries(shares)) {
    if (typeof value === 'number' && value >= 0 && value <= 1) continue;
    throw new ScoringError('bad-option', `${name} "${String(value)}" is not from 0 to 1. Pass for example 0.5.`, value);
  }
  return options;
}

/** To a millionth: sums of weights like 0.1 leave noise behind. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
