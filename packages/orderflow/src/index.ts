export { addExact, compareExact, exactFromJson, exactToJson, multiplyExact, subtractExact } from './exact.ts';
export type { ExactInt, ExactIntJson } from './exact.ts';
export { isOrderflowError, OrderflowError } from './errors.ts';
export type { OrderflowErrorCode } from './errors.ts';
export { createGrid } from './grid.ts';
export type { Grid, GridOptions } from './grid.ts';
export type {
  Aggressor,
  Bar,
  BookDelta,
  BookLevel,
  BookSnapshot,
  DecimalInput,
  L1Snapshot,
  MarketEvent,
  Quote,
  Side,
  TickQuote,
  TickTrade,
  Trade,
} from './market.ts';
