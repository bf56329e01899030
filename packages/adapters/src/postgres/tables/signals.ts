/** Scores by component, what feeds them, and what users watch. */
import { decimal, flag, integer, json, oneOf, optional, text, time } from '../internal/columns.ts';
import { defineTable, type TableDefinition } from '../internal/table-definition.ts';
import type { JsonObject } from '../types.ts';

/** Scores of a stock, 0 to 100 as decimal strings; a component that is not known is null. */
export interface StockScoreRecord {
  readonly symbol: string;
  /** Epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly compositeScore: string | null;
  readonly technicalScore: string | null;
  readonly fundamentalScore: string | null;
  readonly sentimentScore: string | null;
  readonly mlScore: string | null;
  /** Share of the total weight that was known, 0 to 1. */
  readonly coverage: string;
  readonly technicalBreakdown: JsonObject | null;
  readonly fundamentalBreakdown: JsonObject | null;
  readonly sentimentBreakdown: JsonObject | null;
  readonly mlBreakdown: JsonObject | null;
}

/** What one text says of a stock. */
export interface SentimentRecord {
  readonly symbol: string;
  /** Epoch milliseconds UTC. */
  readonly timeMs: number;
  /** For example `news`. */
  readonly source: string;
  /** Which text of the source. */
  readonly itemId: string;
  readonly textSnippet: string | null;
  readonly sentiment: 'positive' | 'neutral' | 'negative';
  /** 0 to 1, decimal string. */
  readonly confidence: string;
}

/** What a model expects of a stock. */
export interface PredictionRecord {
  readonly symbol: string;
  /** Epoch milliseconds UTC at which it was made. */
  readonly timeMs: number;
  readonly modelVersion: string;
  /** Trading days ahead. */
  readonly horizonDays: number;
  readonly direction: 'up' | 'down' | 'sideways';
  /** 0 to 1, decimal string. */
  readonly confidence: string;
}

/** A stock on somebody's list. */
export interface WatchlistRecord {
  readonly owner: string;
  readonly symbol: string;
  readonly sortOrder: number;
  readonly notes: string | null;
  /** Epoch milliseconds UTC. */
  readonly addedAtMs: number;
}

/** A condition that somebody wants to hear of. */
export interface AlertRecord {
  readonly id: string;
  readonly owner: string;
  /** Null for the whole market. */
  readonly symbol: string | null;
  /** For example `price-above`, `volume-spike`. */
  readonly alertType: string;
  readonly condition: JsonObject;
  readonly isActive: boolean;
  /** Epoch milliseconds UTC. */
  readonly lastTriggeredAtMs: number | null;
  /** Epoch milliseconds UTC. */
  readonly createdAtMs: number;
}

/** One time that an alert's condition was met. */
export interface AlertEventRecord {
  readonly alertId: string;
  /** Epoch milliseconds UTC. */
  readonly triggeredAtMs: number;
  readonly triggerValue: JsonObject;
  readonly notificationSent: boolean;
}

/** One document of settings, for example `score-weights`. Secrets do not belong here. */
export interface SettingRecord {
  readonly owner: string;
  readonly name: string;
  readonly value: JsonObject;
}

const document = () => optional(json<JsonObject>());

/** One definition for each table of this file. */
export const signalTables: {
  readonly stockScores: TableDefinition<StockScoreRecord>;
  readonly sentiment: TableDefinition<SentimentRecord>;
  readonly predictions: TableDefinition<PredictionRecord>;
  readonly watchlist: TableDefinition<WatchlistRecord>;
  readonly alerts: TableDefinition<AlertRecord>;
  readonly alertHistory: TableDefinition<AlertEventRecord>;
  readonly settings: TableDefinition<SettingRecord>;
} = {
  stockScores: defineTable<StockScoreRecord>(
    'stock_scores',
    {
      symbol: text(),
      timeMs: time(),
      compositeScore: optional(decimal()),
      technicalScore: optional(decimal()),
      fundamentalScore: optional(decimal()),
      sentimentScore: optional(decimal()),
      mlScore: optional(decimal()),
      coverage: decimal(),
      technicalBreakdown: document(),
      fundamentalBreakdown: document(),
      sentimentBreakdown: document(),
      mlBreakdown: document(),
    },
    { key: ['symbol', 'timeMs'], range: 'timeMs' },
  ),
  sentiment: defineTable<SentimentRecord>(
    'sentiment_data',
    {
      symbol: text(),
      timeMs: time(),
      source: text(),
      itemId: text(),
      textSnippet: optional(text()),
      sentiment: oneOf('positive', 'neutral', 'negative'),
      confidence: decimal(),
    },
    { key: ['symbol', 'timeMs', 'source', 'itemId'], range: 'timeMs' },
  ),
  predictions: defineTable<PredictionRecord>(
    'ml_predictions',
    {
      symbol: text(),
      timeMs: time(),
      modelVersion: text(),
      horizonDays: integer(),
      direction: oneOf('up', 'down', 'sideways'),
      confidence: decimal(),
    },
    { key: ['symbol', 'timeMs', 'modelVersion', 'horizonDays'], range: 'timeMs' },
  ),
  watchlist: defineTable<WatchlistRecord>(
    'watchlist',
    { owner: text(), symbol: text(), sortOrder: integer(), notes: optional(text()), addedAtMs: time('added_at') },
    { key: ['owner', 'symbol'] },
  ),
  alerts: defineTable<AlertRecord>(
    'alerts',
    {
      id: text(),
      owner: text(),
      symbol: optional(text()),
      alertType: text(),
      condition: json<JsonObject>(),
      isActive: flag(),
      lastTriggeredAtMs: optional(time('last_triggered_at')),
      createdAtMs: time('created_at'),
    },
    { key: ['id'] },
  ),
  alertHistory: defineTable<AlertEventRecord>(
    'alert_history',
    {
      alertId: text(),
      triggeredAtMs: time('triggered_at'),
      triggerValue: json<JsonObject>(),
      notificationSent: flag(),
    },
    { key: ['alertId', 'triggeredAtMs'], range: 'triggeredAtMs' },
  ),
  settings: defineTable<SettingRecord>(
    'settings',
    { owner: text(), name: text(), value: json<JsonObject>() },
    { key: ['owner', 'name'], touch: 'updated_at' },
  ),
};
