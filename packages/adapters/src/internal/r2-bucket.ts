/** What R2 tells of an object; the part of the platform's `R2Object` that is used here. */
export interface R2ObjectLike {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly uploaded: Date;
  readonly customMetadata?: Record<string, string>;
}

/** An opened object; the part of the platform's `R2ObjectBody` that is used here. */
export interface R2ObjectBodyLike extends R2ObjectLike {
  readonly body: ReadableStream;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A part that was taken, as `complete` wants it back. */
export interface R2UploadedPartLike {
  partNumber: number;
  etag: string;
}

/** An upload in parts; the part of the platform's `R2MultipartUpload` that is used here. */
export interface R2MultipartUploadLike {
  uploadPart(partNumber: number, value: Uint8Array): Promise<R2UploadedPartLike>;
  complete(parts: R2UploadedPartLike[]): Promise<R2ObjectLike>;
  abort(): Promise<void>;
}

/** Conditions and facts of a put. */
export interface R2PutOptionsLike {
  onlyIf?: { etagMatches: string } | { etagDoesNotMatch: string };
  sha256?: string;
  customMetadata?: Record<string, string>;
}

/** The part of the platform's `R2Bucket` that is used here; pass the binding itself (`env.TAPE`). */
export interface R2BucketLike {
  head(key: string): Promise<R2ObjectLike | null>;
  get(
    key: string,
    options: { onlyIf?: { etagMatches: string }; range?: { offset: number; length?: number } },
  ): Promise<R2ObjectBodyLike | R2ObjectLike | null>;
  put(key: string, value: Uint8Array | ReadableStream, options: R2PutOptionsLike): Promise<R2ObjectLike | null>;
  createMultipartUpload(
    key: string,
    options: { customMetadata?: Record<string, string> },
  ): Promise<R2MultipartUploadLike>;
  delete(keys: string[]): Promise<void>;
  list(options: {
    prefix?: string;
    cursor?: string;
    limit?: number;
    include?: 'customMetadata'[];
  }): Promise<{ objects: R2ObjectLike[]; truncated: boolean; cursor?: string }>;
}
