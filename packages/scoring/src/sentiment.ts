/** What people write about a symbol: a port for models, checks of a model, and the aggregation into a component. */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import { excerpt } from './internal/excerpt.ts';
import { scoreFromOffset, words } from './internal/micro-points.ts';
import { checkList, checkObject } from './internal/objects.ts';
import { withDefaults } from './internal/options.ts';

export { findSymbols } from './sentiment/find-symbols.ts';
export { checkSentimentModel } from './sentiment/sentiment-model.ts';
export type { SentimentCheck, SentimentLabel, SentimentModel, SentimentReading } from './sentiment/sentiment-model.ts';

/** One text about the symbol, read by a model. */
export interface SentimentItem {
  /**
   * The same text has the same id, also from two collectors: its first publication within the window counts. Readings of
   * that same moment share its weight.
   */
  readonly id: string;
  /** When it was published, epoch milliseconds UTC. */
  readonly timeMs: number;
  /** Where it stood; sources without a weight count as `other`. */
  readonly source: string;
  /** −1 (all against) to 1 (all for). */
  readonly score: number;
  /** How sure the model is, 0 to 1. */
  readonly confidence: number;
  /**
   * How much this text counts against others of its source, 0 to 1e9: reach, credibility.
   * @defaultValue 1
   */
  readonly weight?: number;
}

/** Above this, weights overflow once they are multiplied and summed. */
const largestWeight = 1e9;

/** Options of {@link scoreSentiment}. */
export interface SentimentOptions {
  /** The moment that the score is for, epoch milliseconds UTC: what was published later is not used. */
  readonly asOfMs: number;
  /**
   * Age from which a text is not used, hours.
   * @defaultValue 24
   */
  readonly windowHours?: number;
  /**
   * Age at which a text counts half, hours.
   * @defaultValue 12
   */
  readonly halfLifeHours?: number;
  /**
   * Weight of each source, 0 to 1e9; `other` is for those that are not named.
   * @defaultValue `sentimentSourceWeights`
   */
  readonly sourceWeights?: Readonly<Record<string, number>>;
  /**
   * Texts from which on their number is no reason for doubt; fewer cover that share of what is asked for.
   * @defaultValue 20
   */
  readonly fullMentions?: number;
  /**
   * Reliability of a single text's worth of mentions, 0 to 1; it rises to 1 at `fullMentions`.
   * @defaultValue 0.7
   */
  readonly leastReliability?: number;
}

/** What a source's texts count: announcements most, forums least. */
export const sentimentSourceWeights: Readonly<Record<string, number>> = {
  'exchange-announcement': 2,
  'press-release': 1.8,
  news: 1.5,
  'investor-network': 1,
  microblog: 0.8,
  forum: 0.6,
  other: 0.5,
};

/** The options that apply where none are given. */
export const sentimentDefaults: Required<Omit<SentimentOptions, 'asOfMs'>> = {
  windowHours: 24,
  halfLifeHours: 12,
  sourceWeights: sentimentSourceWeights,
  fullMentions: 20,
  leastReliability: 0.7,
};

/** What texts say together. */
export interface Sentiment {
  /** Mean of the scores by weight, −1 to 1. */
  readonly score: number;
  /** Mean of the models' confidence by weight, 0 to 1. */
  readonly confidence: number;
  /** 0 to 1: how far the number of texts can be relied on. */
  readonly reliability: number;
  /** Texts that went in. */
  readonly mentions: number;
  /** Texts left out: published after `asOfMs`, too old, or the same id again. */
  readonly later: number;
  readonly tooOld: number;
  readonly repeated: number;
}

const msPerHour = 3_600_000;

/**
 * What texts say together: each counts source × own weight × confidence × ½ for every half-life of age. `undefined` when
 * none is left.
 *
 * @example
 * ```ts
 * const news = { source: 'news', timeMs: 0, confidence: 1 };
 * const said = aggregateSentiment([{ ...news, id: 'a', score: 1 }, { ...news, id: 'b', score: -0.5 }], { asOfMs: 0 });
 * said?.score; // => 0.25
 * ```
 * @throws {@link ScoringError} `bad-value` naming the text, `bad-option`.
 */
export function aggregateSentiment(items: readonly SentimentItem[], options: SentimentOptions): Sentiment | undefined {
  const all = withDefaults(sentimentDefaults, options);
  checkOptions(all);
  checkList('texts', items);
  const left = { later: 0, tooOld: 0, repeated: 0 };
  let total = 0;
  let scores = 0;
  let confidences = 0;
  let plain = 0;
  let mentions = 0;
  const ageOf = (item: SentimentItem): number => (all.asOfMs - item.timeMs) / msPerHour;
  const within = items.filter((item, i) => {
    checkItem(item, i);
    const ageHours = ageOf(item);
    if (ageHours < 0) left.later++;
    else if (ageHours > all.windowHours) left.tooOld++;
    return ageHours >= 0 && ageHours <= all.windowHours;
  });
  for (const readings of textsOf(within)) {
    mentions++;
    left.repeated += readings.length - 1;
    const first = readings.filter(({ timeMs }) => timeMs === readings[0]!.timeMs);
    for (const item of first) {
      const decay = 0.5 ** (ageOf(item) / all.halfLifeHours);
      const counts = (sourceWeight(item.source, all.sourceWeights) * (item.weight ?? 1) * decay) / first.length;
      plain += counts;
      confidences += counts * item.confidence;
      total += counts * item.confidence;
      scores += counts * item.confidence * item.score;
    }
  }
  if (!(total > 0)) return undefined;
  const reliability = all.leastReliability + (1 - all.leastReliability) * Math.min(1, mentions / all.fullMentions);
  return { score: scores / total, confidence: confidences / plain, reliability, mentions, ...left };
}

/** The readings of each text, first publication first; always in the same order, whatever the order of arrival. */
function textsOf(items: readonly SentimentItem[]): SentimentItem[][] {
  const keys = ['timeMs', 'id', 'source', 'score', 'confidence', 'weight'] as const;
  const sorted = [...items].sort((a, b) => {
    const key = keys.find((name) => (a[name] ?? 1) !== (b[name] ?? 1));
    return key === undefined ? 0 : (a[key] ?? 1) < (b[key] ?? 1) ? -1 : 1;
  });
  const texts = new Map<string, SentimentItem[]>();
  for (const item of sorted) {
    const readings = texts.get(item.id);
    if (readings) readings.push(item);
    else texts.set(item.id, [item]);
  }
  return [...texts.values()];
}

function sourceWeight(source: string, weights: Readonly<Record<string, number>>): number {
  const own = (name: string): number | undefined => (Object.hasOwn(weights, name) ? weights[name] : undefined);
  return own(source) ?? own('other') ?? 0;
}

/**
 * The `sentiment` component: 50 + 50 × score × confidence × reliability. Doubt takes from the deviation, never from the
 * level; without one usable text the component is `missing`. Coverage is the texts ÷ `fullMentions`, at most 1: the same
 * few texts that reliability draws toward 50 cover little.
 *
 * @throws as {@link aggregateSentiment}.
 */
export function scoreSentiment(items: readonly SentimentItem[], options: SentimentOptions): ComponentScore {
  const said = aggregateSentiment(items, options);
  if (!said) return missingComponent('sentiment', 'no text within the window counts');
  const { score, confidence, reliability, mentions } = said;
  const { fullMentions = sentimentDefaults.fullMentions } = options;
  const left = said.later + said.tooOld + said.repeated;
  return {
    name: 'sentiment',
    score: scoreFromOffset(50 * score * confidence * reliability),
    quality: 'measured',
    reasons: [
      `${mentions} texts: ${score > 0.2 ? 'for it' : score < -0.2 ? 'against it' : 'undecided'}, ${words(score)}`,
      ...(left > 0 ? [`${left} texts left out as later, too old or repeated`] : []),
    ],
    inputs: { score, confidence, reliability, mentions },
    rule: '50 + 50 × score × confidence × reliability',
    coverage: Math.min(1, mentions / fullMentions),
  };
}

function checkItem(item: SentimentItem, i: number): void {
  checkObject(`text ${i}`, item);
  const { id, timeMs, source, score, confidence, weight } = item;
  for (const [name, value] of [
    ['id', id],
    ['source', source],
  ] as const) {
    if (typeof value === 'string' && value !== '') continue;
    const message = `${name} "${value}" of text ${i} is not a name. Every text has an id of its own and a source.`;
    throw new ScoringError('bad-value', message, value);
  }
  const fault = !(typeof score === 'number' && Math.abs(score) <= 1)
    ? (['score', score, 'from −1 to 1'] as const)
    : !(typeof confidence === 'number' && confidence >= 0 && confidence <= 1)
      ? (['confidence', confidence, 'from 0 to 1'] as const)
      : !Number.isFinite(timeMs)
        ? (['timeMs', timeMs, 'that is finite'] as const)
        : weight !== undefined && !(Number.isFinite(weight) && weight >= 0 && weight <= largestWeight)
          ? (['weight', weight, 'from 0 to 1e9'] as const)
          : undefined;
  if (!fault) return;
  const [name, value, expected] = fault;
  throw new ScoringError(
    'bad-value',
    `${name} "${String(value)}" of text "${id}" is not a number ${expected}. Leave the text out.`,
    value,
  );
}

function checkOptions(options: Required<SentimentOptions>): void {
  const { windowHours, halfLifeHours, fullMentions, leastReliability, asOfMs } = options;
  if (typeof options.sourceWeights !== 'object' || (options.sourceWeights as unknown) === null) {
    const message = `sourceWeights "${excerpt(options.sourceWeights)}" is not an object. Leave it out for the defaults.`;
    throw new ScoringError('bad-option', message, options.sourceWeights);
  }
  for (const [source, weight] of Object.entries(options.sourceWeights)) {
    if (Number.isFinite(weight) && weight >= 0 && weight <= largestWeight) continue;
    throw new ScoringError(
      'bad-option',
      `weight "${String(weight)}" of source "${source}" is not a number from 0 to 1e9. Pass 0 to leave it out.`,
      weight,
    );
  }
  const areNumbers = [windowHours, halfLifeHours, fullMentions, leastReliability].every(
    (one) => typeof one === 'number',
  );
  const fits =
    areNumbers &&
    [windowHours, halfLifeHours, fullMentions].every((one) => one > 0) &&
    leastReliability >= 0 &&
    leastReliability <= 1;
  if (fits && Number.isFinite(asOfMs)) return;
  throw new ScoringError(
    'bad-option',
    `sentiment options "${JSON.stringify({ asOfMs, windowHours, halfLifeHours, fullMentions, leastReliability })}" are ` +
      'out of range, expected a time, positive hours and mentions, and a reliability from 0 to 1.',
    options,
  );
}
