/** Alerts from rules over scores, flow and prices: once when something begins, not for as long as it lasts. */
import type { AlertCounts, AlertsSnapshot, Knowledge, SymbolState } from './alerts/alert-state.ts';
import { readAlerts } from './alerts/alert-state.ts';
import type { AlertValue, AlertValues } from './alerts/conditions.ts';
import { faultOf, holds, isMomentary, valueOf } from './alerts/conditions.ts';
import type { AlertPriority, AlertRule } from './alerts/default-rules.ts';
import { defaultAlertRules } from './alerts/default-rules.ts';
import { ScoringError } from './errors.ts';
import { excerpt } from './internal/excerpt.ts';
import { checkObject } from './internal/objects.ts';
import { withDefaults } from './internal/options.ts';

export type { AlertCounts, AlertsSnapshot } from './alerts/alert-state.ts';
export type { AlertComparison, AlertCondition, AlertValue, AlertValues } from './alerts/conditions.ts';
export { barFieldNames, createBarFields, restoreBarFields } from './alerts/bar-fields.ts';
export type { BarFields, BarFieldsSnapshot } from './alerts/bar-fields.ts';
export { brokerFields } from './alerts/broker-fields.ts';
export { defaultAlertRules } from './alerts/default-rules.ts';
export type { AlertPriority, AlertRule } from './alerts/default-rules.ts';
export { alertFieldNames } from './alerts/field-names.ts';
export { alertFields } from './alerts/score-fields.ts';
export { wyckoffFields } from './alerts/wyckoff-fields.ts';

/** What is known of a symbol at a moment. */
export interface AlertObservation {
  readonly symbol: string;
  /** Epoch milliseconds UTC; the same again corrects the observation of that moment. */
  readonly timeMs: number;
  /** Fields by name; leave out (or pass `undefined` or `null`) what is unknown. */
  readonly values: Readonly<Record<string, AlertValue | null | undefined>>;
}

/** Something began. */
export interface Alert {
  readonly v: 1;
  /** `{rule}/{symbol}/{timeMs}`: the same however often and wherever it is made. */
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly priority: AlertPriority;
  readonly symbol: string;
  readonly timeMs: number;
  /** The fields that the rule reads, as they were. */
  readonly values: AlertValues;
}

/** Options of {@link createAlerts}. */
export interface AlertOptions {
  /**
   * When to alert.
   * @defaultValue `defaultAlertRules`
   */
  readonly rules?: readonly AlertRule[];
  /**
   * Cool-down of the rules that state none, milliseconds.
   * @defaultValue 3600000
   */
  readonly cooldownMs?: number;
}

/** The options that apply where none are given. */
export const alertDefaults: Required<AlertOptions> = { rules: defaultAlertRules, cooldownMs: 3_600_000 };

/** A reducer from observations to alerts. Made by {@link createAlerts}. */
export interface Alerts {
  /**
   * Takes an observation and gives the alerts that it raises. One of a moment before the symbol's last is counted and
   * left out; one of the same moment replaces it, and gives only what was not given yet.
   * @throws {@link ScoringError} `bad-value` for a time or a number that is not finite; the state stays as it was.
   */
  push(observation: AlertObservation): Alert[];
  counts(): AlertCounts;
  /** The state as plain JSON; {@link restoreAlerts} carries on from it. */
  snapshot(): AlertsSnapshot;
}

const unknown: Knowledge = { values: {}, holding: [] };

/**
 * Alerts when all conditions of a rule begin to hold. The first observation of a symbol alerts for levels that hold
 * already; what compares with before waits for the second. While a field is unknown its rules neither alert nor end.
 *
 * @example
 * ```ts
 * const alerts = createAlerts();
 * const rsi = (timeMs: number, value: number) => alerts.push({ symbol: 'BBCA', timeMs, values: { rsi: value } });
 * [rsi(0, 69), rsi(1, 71), rsi(2, 75)].map((raised) => raised.map(({ id }) => id));
 * // => [[], ['rsi-overbought/BBCA/1'], []]
 * ```
 * @throws {@link ScoringError} `bad-option` for two rules of one id, a rule without conditions, a condition that can never be met
 * (no such comparison, nothing to compare with), or a negative cool-down.
 */
export function createAlerts(options: AlertOptions = {}): Alerts {
  const all = withDefaults(alertDefaults, options);
  checkRules(all.rules, all.cooldownMs);
  return start(all, new Map(), noCounts);
}

/**
 * Alerts that carry on from a snapshot, with the same rules.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreAlerts(snapshot: AlertsSnapshot, options: AlertOptions = {}): Alerts {
  const all = withDefaults(alertDefaults, options);
  checkRules(all.rules, all.cooldownMs);
  const { symbols, counts } = readAlerts(snapshot, idsOf(all.rules), fieldsOf(all.rules));
  return start(all, symbols, counts);
}

function start(
  { rules, cooldownMs }: Required<AlertOptions>,
  symbols: Map<string, SymbolState>,
  initialCounts: AlertCounts,
): Alerts {
  const ids = idsOf(rules);
  const read = fieldsOf(rules);
  const counts = { ...initialCounts };

  return {
    push(observation) {
      checkObject('observation', observation);
      const { symbol, timeMs } = observation;
      const given = knownValues(observation, read);
      const state = symbols.get(symbol);
      if (state && timeMs < state.timeMs) {
        counts.late++;
        return [];
      }
      counts.observations++;
      const before = !state ? unknown : timeMs === state.timeMs ? state.before : state.now;
      const alertedMs = new Map(Object.entries(state?.alertedMs ?? {}));
      const raised: Alert[] = [];
      const holding: string[] = [];
      for (const rule of rules) {
        const { id } = rule;
        const held = before.holding.includes(id) && !rule.all.some(isMomentary);
        const answers = rule.all.map((condition) => holds(condition, given, before.values));
        // One that fails ends it; else one that is not known leaves it as it was.
        const isHeld = answers.includes(false) ? false : answers.includes(undefined) ? held : true;
        if (isHeld) holding.push(id);
        if (!isHeld || held || answers.includes(undefined)) continue;
        const lastMs = alertedMs.get(id);
        if (lastMs === timeMs) counts.repeated++;
        else if (lastMs !== undefined && timeMs - lastMs < (rule.cooldownMs ?? cooldownMs)) counts.cooledDown++;
        else {
          alertedMs.set(id, timeMs);
          counts.alerts++;
          raised.push(alertOf(rule, observation, given));
        }
      }
      symbols.set(symbol, {
        timeMs,
        now: { values: { ...before.values, ...given }, holding },
        before,
        alertedMs: Object.fromEntries(alertedMs),
      });
      return raised;
    },
    counts: () => ({ ...counts }),
    snapshot: () => structuredClone({ v: 1 as const, rules: ids, symbols: Object.fromEntries(symbols), counts }),
  };
}

const noCounts: AlertCounts = { observations: 0, alerts: 0, late: 0, cooledDown: 0, repeated: 0 };

function idsOf(rules: readonly AlertRule[]): readonly string[] {
  return rules.map(({ id }) => id);
}

/** The fields that rules read. */
function fieldsOf(rules: readonly AlertRule[]): ReadonlySet<string> {
  return new Set(rules.flatMap(({ all }) => all.flatMap(({ field, other }) => (other ? [field, other] : [field]))));
}

function alertOf(rule: AlertRule, { symbol, timeMs }: AlertObservation, given: AlertValues): Alert {
  const fields = rule.all.flatMap(({ field, other }) => (other ? [field, other] : [field]));
  const values = Object.fromEntries(
    fields.flatMap((field) => (valueOf(given, field) === undefined ? [] : [[field, valueOf(given, field)!]])),
  );
  const { id, title, priority } = rule;
  return { v: 1, id: `${id}/${symbol}/${timeMs}`, rule: id, title, priority, symbol, timeMs, values };
}

/** The fields that rules read and that are known. */
function knownValues(observation: AlertObservation, read: ReadonlySet<string>): AlertValues {
  const { symbol, timeMs, values } = observation;
  if (!(typeof timeMs === 'number' && Math.abs(timeMs) <= 8.64e15)) {
    throw new ScoringError(
      'bad-value',
      `timeMs "${String(timeMs)}" of an observation of "${symbol}" is no time. Pass epoch milliseconds.`,
      timeMs,
    );
  }
  checkObject(`values of an observation of "${symbol}"`, values);
  const known = new Map<string, AlertValue>();
  for (const field of read) {
    const value = valueOf(values, field);
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' && !Number.isFinite(value)) {
      throw new ScoringError(
        'bad-value',
        `${field} "${String(value)}" of "${symbol}" is not a finite number or a word. Leave it out when it is unknown.`,
        value,
      );
    }
    known.set(field, value);
  }
  return Object.fromEntries(known);
}

function checkRules(rules: readonly AlertRule[], cooldownMs: number): void {
  const odd = Array.isArray(rules) ? rules.findIndex((rule: AlertRule | null) => !Array.isArray(rule?.all)) : 0;
  if (odd >= 0) {
    const message = `alert rule ${odd} "${excerpt((rules as readonly unknown[] | null)?.[odd])}" has no list of conditions. Pass rules as defaultAlertRules are.`;
    throw new ScoringError('bad-option', message, rules);
  }
  const seen = new Set<string>();
  for (const { id, all, cooldownMs: own = cooldownMs } of rules) {
    const fault = seen.has(id)
      ? 'is there twice, expected once'
      : all.length === 0
        ? 'has no conditions, expected at least one'
        : !(own >= 0)
          ? `has a cool-down of "${own}", expected at least 0 ms`
          : all.map(faultOf).find((one) => one !== undefined);
    if (fault !== undefined) throw new ScoringError('bad-option', `alert rule "${id}" ${fault}.`, id);
    seen.add(id);
  }
}
