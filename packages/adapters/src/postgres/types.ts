/** Anything that JSON can say. */
export type JsonValue = boolean | number | string | null | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** What a bulk write did. `written + kept` is the number of records handed in. */
export interface WriteResult {
  /** Records that were inserted or that replaced a stored one. */
  readonly written: number;
  /** Records that changed nothing: the same is stored already, or something newer. */
  readonly kept: number;
}
