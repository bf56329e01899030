/**
 * Ownership of securities in Indonesia: KSEI's monthly holding composition, and OJK's list of large holders.
 *
 * Source: KSEI `archive_download/holding_composition` (a zip with one text file; unpack it first); KDK OJK 1/KDK.04/2026.
 */
export {
  type KseiBalance,
  type KseiBalances,
  kseiDefaults,
  type KseiOptions,
  parseKseiBalances,
} from './ksei/balance-positions.ts';
export {
  type LargeHolder,
  type LargeHolders,
  type LargeHoldersOptions,
  parseLargeHolders,
} from './ksei/large-holders.ts';
export type { Rejection } from '../internal/rest-records.ts';
