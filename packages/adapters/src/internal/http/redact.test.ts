import { describe, expect, test } from 'vitest';
import { AdaptersError } from '../../errors.ts';
import { readRedacted, redactor, textRedactor } from './redact.ts';

describe('textRedactor', () => {
  test('takes out a token, its spellings in addresses and JSON, and what is left of it at a cut', () => {
    const redact = textRedactor(['TOKEN/secret+"42"']);
    expect(redact('bad TOKEN/secret+"42" here')).toBe('bad ••• here');
    expect(redact('?t=TOKEN%2Fsecret%2B%2242%22&b=1')).toBe('?t=•••&b=1');
    expect(redact('{"said":"TOKEN/secret+\\"42\\""}')).toBe('{"said":"•••"}');
    expect(redact('cut: TOKEN/secr')).toBe('cut: •••');
    expect(redact('TOKENS are fine')).toBe('TOKENS are fine');
  });

  test('knows the token of a header without its scheme, and each value of a cookie', () => {
    const redact = redactor({ secretHeaders: { authorization: 'Bearer abcdef123456', cookie: 'sid=SECRETSID; a=b' } });
    expect(redact('Bearer is no abcdef123456, and SECRETSID no session')).toBe('Bearer is no •••, and ••• no session');
  });
});

test('readRedacted passes answers on as they are, and takes secrets out of the message, value and cause of an error', () => {
  const secrets = { secretQuery: { api_key: 's3cr3tKEY99' } };
  expect(readRedacted(secrets, () => 's3cr3tKEY99')).toBe('s3cr3tKEY99');
  const refused = (): never => {
    const cause = new Error('s3cr3tKEY99 is bad');
    throw new AdaptersError('bad-response', 'key s3cr3tKEY99', { status: 200, value: { k: 's3cr3tKEY99' }, cause });
  };
  let error: unknown;
  try {
    readRedacted(secrets, refused);
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({
    code: 'bad-response',
    status: 200,
    message: 'key •••',
    value: '{"k":"•••"}',
    cause: expect.objectContaining({ message: '••• is bad' }) as Error,
  });
});
