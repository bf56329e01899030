/** What alerts remember of each symbol, and how a snapshot of it is read. */
import { ScoringError } from '../errors.ts';
import { excerpt } from '../internal/excerpt.ts';
import type { AlertValue } from './conditions.ts';

/** What is known of a symbol at one moment. */
export interface Knowledge {
  /** Last known value of every field that a rule reads. */
  readonly values: Readonly<Record<string, AlertValue>>;
  /** Rules whose conditions all held. */
  readonly holding: readonly string[];
}

/** A symbol's last moment, the moment before it, and when each rule last alerted. */
export interface SymbolState {
  readonly timeMs: number;
  readonly now: Knowledge;
  readonly before: Knowledge;
  readonly alertedMs: Readonly<Record<string, number>>;
}

/** What happened to observations and alerts that did not become alerts. */
export interface AlertCounts {
  /** Observations that were taken. */
  readonly observations: number;
  /** Alerts given. */
  readonly alerts: number;
  /** Observations of a moment before the symbol's last one; left out. */
  readonly late: number;
  /** Beginnings that a cool-down kept from being told. */
  readonly cooledDown: number;
  /** Alerts that were given before for the same rule, symbol and moment. */
  readonly repeated: number;
}

/** State of alerts, version 1. */
export interface AlertsSnapshot {
  readonly v: 1;
  /** Ids of the rules, in their order. */
  readonly rules: readonly string[];
  readonly symbols: Readonly<Record<string, SymbolState>>;
  readonly counts: AlertCounts;
}

/** What alerts carry on with. */
export interface SavedAlerts {
  readonly symbols: Map<string, SymbolState>;
  readonly counts: AlertCounts;
}

/** What a snapshot of the same rules says; throws `bad-snapshot` for any other. */
export function readAlerts(snapshot: unknown, rules: readonly string[], fields: ReadonlySet<string>): SavedAlerts {
  const given = fieldsOf(snapshot);
  if (given['v'] !== 1 || JSON.stringify(given['rules']) !== JSON.stringify(rules)) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of alerts, version "${String(given['v'])}", is for the rules "${String(given['rules'])}", expected ` +
        `version 1 of "${rules.join(',')}". Restore with the rules that it was made with.`,
      snapshot,
    );
  }
  const { symbols, counts } = given;
  const known = fieldsOf(counts);
  const { observations, alerts, late, cooledDown, repeated } = known;
  const isCounted = [observations, alerts, late, cooledDown, repeated].every(isCount);
  if (!isCounted) throw damaged('its counts', counts);
  if (typeof symbols !== 'object' || symbols === null || Array.isArray(symbols)) throw damaged('its symbols', symbols);
  const ids = new Set(rules);
  const states = Object.entries(symbols).map(([symbol, state]) => {
    if (!isState(state, ids, fields)) throw damaged(`"${symbol}"`, state);
    return [symbol, structuredClone(state)] as const;
  });
  const read = { observations, alerts, late, cooledDown, repeated } as AlertCounts;
  return { symbols: new Map(states), counts: read };
}

function isState(state: unknown, rules: ReadonlySet<string>, fields: ReadonlySet<string>): state is SymbolState {
  const { timeMs, now, before, alertedMs } = fieldsOf(state);
  if (!isTime(timeMs) || typeof alertedMs !== 'object' || alertedMs === null || Array.isArray(alertedMs)) return false;
  return (
    isKnowledge(now, rules, fields) &&
    isKnowledge(before, rules, fields) &&
    Object.entries(alertedMs).every(([id, atMs]) => rules.has(id) && isTime(atMs) && atMs <= timeMs)
  );
}

function isKnowledge(value: unknown, rules: ReadonlySet<string>, fields: ReadonlySet<string>): boolean {
  const { values, holding } = fieldsOf(value);
  if (!Array.isArray(holding) || new Set(holding).size < holding.length) return false;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return false;
  const isValue = (one: unknown): boolean => typeof one === 'string' || Number.isFinite(one);
  return (
    [...(holding as unknown[])].every((id) => rules.has(id as string)) &&
    Object.entries(values).every(([field, one]) => fields.has(field) && isValue(one))
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** As an observation's: a finite number, though no later than any clock. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function damaged(what: string, value: unknown): ScoringError {
  return new ScoringError(
    'bad-snapshot',
    `snapshot of alerts has "${excerpt(value)}" for ${what}. Pass it as it was taken.`,
    value,
  );
}
