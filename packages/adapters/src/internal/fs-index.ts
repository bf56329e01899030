/** What is known of the files of a store: etags and metadata, remembered, on cards beside the data, or read from the bytes. */
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ObjectInfo } from '@tapekit/housecleaning/object-store';
import { hasCode } from './file-lock.ts';
import * as files from './fs-files.ts';

const maxRemembered = 100_000;
const cardPlaces = ['0', '1'] as const;

/**
 * The sidecar of an object. Each key has two places for it, so that the card of the next file can be written while the
 * one before is still visible.
 */
export interface Card {
  /** The very file that it describes. */
  readonly identity: files.FileIdentity;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One file as it is now. */
export interface Known {
  readonly identity: files.FileIdentity;
  readonly info: ObjectInfo;
}

/** Knows the files whose keys and paths it is given. */
export interface FileIndex {
  /** The object of this file; `undefined` if there is none. */
  inspect(key: string, path: string): Promise<Known | undefined>;
  /** Writes the card of a file that is not visible yet, beside that of the visible one, whose place it returns. */
  writeCard(key: string, card: Card, visible: Known | undefined): Promise<string | undefined>;
  removeCard(key: string, place: string): Promise<void>;
  /** Forgets an object that is gone. */
  remove(key: string): Promise<void>;
  remember(key: string, identity: files.FileIdentity, etag: string, metadata: Card['metadata']): Known;
  /** What a compare-and-swap compares with is read, not remembered. */
  forget(key: string): void;
  removeEmptyFolders(folder: string): Promise<void>;
}

/** An index that keeps its cards below `own`. */
export function createFileIndex(own: string, temporary: string): FileIndex {
  /** What was learned of files, valid as long as the file is the same write. */
  const remembered = new Map<string, Known>();

  function cardPath(key: string, place: string): string {
    return join(own, 'meta', place, ...key.split('/'));
  }

  async function inspect(key: string, path: string): Promise<Known | undefined> {
    for (;;) {
      const identity = await files.identify(path);
      if (identity === undefined) {
        remembered.delete(key);
        return undefined;
      }
      const before = remembered.get(key);
      if (files.sameFile(before?.identity, identity)) return before;
      const cards = await readCards(key);
      const card = cards.find((candidate) => files.sameFile(candidate.identity, identity));
      if (card) return remember(key, identity, card.etag, card.metadata);
      // No card of this very file: it was copied or written by others. Its bytes tell the etag.
      const etag = await files.hashFile(path);
      if (etag === undefined || !files.sameFile(identity, await files.identify(path))) continue;
      return remember(key, identity, etag, cards.find((candidate) => candidate.etag === etag)?.metadata ?? {});
    }
  }

  async function readCards(key: string): Promise<readonly (Card & { readonly place: string })[]> {
    const cards = [];
    for (const place of cardPlaces) {
      const text = await files.readText(cardPath(key, place));
      const card = text === undefined ? undefined : parseCard(text);
      if (card) cards.push({ ...card, place });
    }
    return cards;
  }

  async function writeCard(key: string, card: Card, visible: Known | undefined): Promise<string | undefined> {
    const cards = visible ? await readCards(key) : [];
    // The card of the very file comes first: a killed write of the same bytes may have left one with other metadata.
    const used =
      visible &&
      (
        cards.find((candidate) => files.sameFile(candidate.identity, visible.identity)) ??
        cards.find(({ etag }) => etag === visible.info.etag)
      )?.place;
    const path = cardPath(key, used === '0' ? '1' : '0');
    // Without metadata a card only saves a hash; its loss costs nothing.
    const durable = Object.keys(card.metadata).length > 0;
    for (let attempt = 1; ; attempt++) {
      await files.makeFolder(dirname(path));
      try {
        await files.replaceFile(path, join(temporary, randomUUID()), JSON.stringify(card), durable);
        return used;
      } catch (error) {
        if (!hasCode(error, 'ENOENT') || attempt === 10) throw error;
      }
    }
  }

  function remember(key: string, identity: files.FileIdentity, etag: string, metadata: Card['metadata']): Known {
    if (remembered.size >= maxRemembered) remembered.clear();
    const known = { identity, info: { key, size: identity.size, etag, uploadedMs: identity.mtimeMs, metadata } };
    remembered.set(key, known);
    return known;
  }

  return {
    inspect,
    writeCard,
    removeCard: (key, place) => files.removeFile(cardPath(key, place)),
    async remove(key) {
      remembered.delete(key);
      for (const place of cardPlaces) await files.removeFile(cardPath(key, place));
    },
    remember,
    forget: (key) => void remembered.delete(key),
    async removeEmptyFolders(folder) {
      for (const place of cardPlaces) await files.removeEmptyFolders(join(own, 'meta', place, folder), own);
    },
  };
}

function parseCard(text: string): Card | undefined {
  try {
    return JSON.parse(text) as Card;
  } catch {
    return undefined;
  }
}
