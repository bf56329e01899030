export {
  addMultisets,
  buildArchive,
  decodeArchive,
  describeArchive,
  digestSources,
  encodeArchive,
  encodeManifest,
  openArchivedSources,
  parseManifest,
  verifyArchiveBytes,
  verifyArchiveStream,
} from './archive.ts';
export type {
  ArchivedSource,
  ArchivedSourceOpener,
  ArchiveDigest,
  ArchiveEncoding,
  ArchiveInput,
  ArchiveManifest,
  ArchiveSource,
  BuildArchiveOptions,
  BuiltArchive,
  DecodeOptions,
  DescribedArchive,
  EncodeOptions,
  GzipIdentity,
  SourceIdentity,
  SourceOpener,
  VerifyOptions,
} from './archive.ts';
export { createMarketCalendar } from './calendar.ts';
export type { MarketCalendar, MarketCalendarOptions, MarketSession, SessionHours } from './calendar.ts';
export { codecOf, defaultCodec, gunzipStrictly } from './codec.ts';
export type { Codec, Decoder, GunzipOptions, Multiset, Sha256 } from './codec.ts';
export {
  addDays,
  assertMarketDay,
  dateOf,
  dayBounds,
  durationMs,
  instantOf,
  isDayClosed,
  latestDate,
  utcDay,
} from './days.ts';
export type { MarketDay, TimeRange } from './days.ts';
export { HousecleaningError, isHousecleaningError, isObjectStoreError, ObjectStoreError } from './errors.ts';
export type { HousecleaningErrorCode, ObjectStoreErrorCode } from './errors.ts';
export {
  applyPlan,
  archiveStatus,
  continueReport,
  explainCell,
  finishParts,
  housecleaningDefaults,
  listCells,
  mergeReports,
  planHousecleaning,
  readLastRun,
  readReport,
  resolveQuarantine,
  runHousecleaning,
  runPart,
  tallyForeign,
} from './housecleaning.ts';
export type {
  ArchiveStatusCell,
  CellExplanation,
  CellReport,
  CellState,
  CellStep,
  DeleteLimits,
  DescribeRecord,
  Environment,
  ForeignEntries,
  ForeignTally,
  HealedArchive,
  HousecleaningEvent,
  HousecleaningOptions,
  HousecleaningPlan,
  JournalEntry,
  ListCellsOptions,
  Mutation,
  PublishedFromStage,
  QuarantineRecord,
  RecordFacts,
  RecordSummary,
  RunConfig,
  RunOutcome,
  SanityReport,
  Volume,
  WriterPromise,
} from './housecleaning.ts';
export {
  archiveKey,
  archivePrefix,
  assertCell,
  clockKey,
  envKey,
  escapeSymbol,
  formatRawKey,
  isDate,
  isSha256,
  isStageKey,
  isSymbol,
  manifestKey,
  parseArchiveKey,
  parseQuarantineKey,
  parseRawCell,
  parseRawKey,
  quarantineKey,
  quarantinePrefix,
  rawCellPrefix,
  rawPrefix,
  reportKey,
  stageKey,
  unescapeSymbol,
} from './keys.ts';
export type { Cell, RawSegment } from './keys.ts';
export { acquireLease, leaseDefaults, withLease } from './lease.ts';
export type { Lease, LeaseOptions } from './lease.ts';
export { legacyReadDefaults, listLegacyParts, missingParts, readLegacyFile } from './legacy-layout.ts';
export type { LegacyPart, LegacyReadOptions } from './legacy-layout.ts';
export {
  assertDeleteTargets,
  assertMetadata,
  assertObjectKey,
  assertRange,
  compareKeys,
  maxKeyBytes,
} from './object-store.ts';
export type {
  DeleteResult,
  DeleteTarget,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
  ObjectStoreCapabilities,
  PutOptions,
  StoredObject,
  StrayEntry,
} from './object-store.ts';
export { findDay, readDay, readDayDefaults } from './read-day.ts';
export type { DayLayout, FoundDay, ReadDayOptions } from './read-day.ts';
export {
  listArchivedCells,
  readArchive,
  readArchivedKeys,
  readArchiveManifest,
  readArchiveSources,
  readDurableSeq,
  readSegmentKeys,
  restoreDefaults,
  restoreFiles,
  restoreRaw,
  verifyArchive,
  verifyArchiveFiles,
  verifyCell,
} from './restore.ts';
export type {
  ArchiveFileOptions,
  ArchiveVerification,
  CellVerification,
  ReadArchiveOptions,
  RestoreOptions,
  RestoreOutcome,
  RestoreResult,
  VerifyCellOptions,
} from './restore.ts';
export { planBulkDelete, retentionDefaults, runBulkDelete } from './retention.ts';
export type {
  BulkDeleteProgress,
  BulkDeleteResult,
  DeletePlan,
  PlanBulkDeleteOptions,
  PlannedDelete,
  PrefixLimits,
  RetentionRule,
  RunBulkDeleteOptions,
} from './retention.ts';
export { assertSafetyOptions, checkSafety, safetyDefaults } from './safety.ts';
export type { SafetyEvidence, SafetyOptions, SafetyVerdict } from './safety.ts';
export { createTapeWriter, tapeWriterDefaults } from './tape-writer.ts';
export type { TapeRecord, TapeWriter, TapeWriterOptions, TapeWriterStatus } from './tape-writer.ts';
