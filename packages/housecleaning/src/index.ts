export { buildArchive, decodeArchive, encodeManifest, parseManifest, verifyArchiveBytes } from './archive.ts';
export type {
  ArchivedSource,
  ArchiveInput,
  ArchiveManifest,
  ArchiveSource,
  BuildArchiveOptions,
  BuiltArchive,
} from './archive.ts';
export { HousecleaningError, isHousecleaningError, isObjectStoreError, ObjectStoreError } from './errors.ts';
export type { HousecleaningErrorCode, ObjectStoreErrorCode } from './errors.ts';
export {
  archiveStatus,
  housecleaningDefaults,
  planHousecleaning,
  readReport,
  runHousecleaning,
} from './housecleaning.ts';
export type {
  CellReport,
  CellState,
  CellStep,
  Environment,
  HousecleaningEvent,
  HousecleaningOptions,
  HousecleaningPlan,
  Mutation,
  RunOutcome,
  SanityReport,
  WriterPromise,
} from './housecleaning.ts';
export {
  archiveKey,
  archivePrefix,
  assertCell,
  clockKey,
  envKey,
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
} from './keys.ts';
export type { Cell, RawSegment } from './keys.ts';
export { assertObjectKey, compareKeys, maxKeyBytes } from './object-store.ts';
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
} from './object-store.ts';
export {
  readArchive,
  readArchivedKeys,
  readArchiveManifest,
  readArchiveSources,
  readDurableSeq,
  readSegmentKeys,
  restoreRaw,
  verifyArchive,
} from './restore.ts';
export type {
  ArchiveVerification,
  ReadArchiveOptions,
  RestoreOptions,
  RestoreOutcome,
  RestoreResult,
} from './restore.ts';
export { createTapeWriter, tapeWriterDefaults } from './tape-writer.ts';
export type { TapeRecord, TapeWriter, TapeWriterOptions, TapeWriterStatus } from './tape-writer.ts';
