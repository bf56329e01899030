/** Keeps keys and tokens out of messages. */
import { AdaptersError } from '../../errors.ts';

/** What may not show, by name. */
export interface Secrets {
  readonly secretQuery?: Readonly<Record<string, string>>;
  readonly secretHeaders?: Readonly<Record<string, string>>;
}

/** A text without secrets. */
export type Redact = (text: string) => string;

/** What stands in the place of a secret. */
const mark = '•••';
/** Shorter texts are everywhere. */
const leastLength = 3;

/** Replaces the secret values of a request wherever they stand: in the address, in a body that echoes them. */
export function redactor({ secretQuery = {}, secretHeaders = {} }: Secrets): Redact {
  const redact = textRedactor([...Object.values(secretQuery), ...Object.values(secretHeaders)]);
  const names = Object.keys(secretQuery).map((name) => new URLSearchParams([[name, '']]).toString());
  return (text) => {
    let clean = redact(text);
    // Short values are found by their name.
    for (const name of names) {
      clean = clean
        .split(/(?=[?&])/)
        .map((piece) => (piece.slice(1).startsWith(name) ? `${piece.slice(0, 1 + name.length)}${mark}` : piece))
        .join('');
    }
    return clean;
  };
}

/**
 * Replaces these values, the parts of a header or a cookie alone, and what is left of them where a text was cut: half a
 * key is a secret, too.
 */
export function textRedactor(values: readonly string[]): Redact {
  const secrets = new Set(values.flatMap(partsOf).flatMap(spellingsOf));
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of longestFirst) clean = clean.replaceAll(secret, mark);
    for (const secret of longestFirst) clean = withoutBeginnings(clean, secret);
    return clean;
  };
}

/** A header is often a scheme and a token, a cookie a list of names and values. */
function partsOf(value: string): readonly string[] {
  const words = value.split(/[\s;,]+/);
  const named = words.flatMap((word) => (word.includes('=') ? [word.slice(word.indexOf('=') + 1)] : []));
  return [value, ...words, ...named].filter(
    (part) => part.length >= leastLength && !/^(basic|bearer|token|apikey|key)$/i.test(part),
  );
}

function spellingsOf(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\ufffd')),
    new URLSearchParams({ v: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** Long enough that it is no coincidence, short enough that the rest is no key any more. */
const headLength = 8;

function withoutBeginnings(text: string, secret: string): string {
  const length = Math.min(headLength, Math.ceil(secret.length / 2));
  if (length < 4 || /\s/.test(secret)) return text;
  const head = secret.slice(0, length);
  let clean = '';
  let from = 0;
  for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, from)) {
    let end = at + length;
    while (end < text.length && text[end] === secret[end - at]) end += 1;
    clean += text.slice(from, at) + mark;
    from = end;
  }
  return clean + text.slice(from);
}

/** Runs `read` on what a server answered; an error of it that echoes a secret of the request comes without it. */
export function readRedacted<T>(secrets: Secrets, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AdaptersError)) throw error;
    throw redactedError(error, redactor(secrets));
  }
}

/** The same error without secrets; of its cause the message stays. */
export function redactedError(error: AdaptersError, redact: Redact): AdaptersError {
  const { code, message, status, retryAfterMs, cause } = error;
  return new AdaptersError(code, redact(message), {
    ...(error.value === undefined ? {} : { value: redactedValue(error.value, redact) }),
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(cause instanceof Error ? { cause: new Error(redact(cause.message)) } : {}),
  });
}

function redactedValue(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  const clean = redact(text);
  return clean === text ? value : clean;
}
