import { describe, expect, test } from 'vitest';
import type { FeedControl, FrameSink } from '../venue-feed.ts';
import { createCurrentToken } from './feed-token.ts';
import { jwtExpiryMs } from './jwt-expiry.ts';

const part = (text: string): string => Buffer.from(text).toString('base64url');
const jwt = (claims: string): string => `${part('{"alg":"none"}')}.${part(claims)}.x`;

describe('the end of a token', () => {
  test('is its exp in milliseconds, also beside names that are not Latin', () => {
    expect(jwtExpiryMs(jwt('{"exp":1768487461}'))).toBe(1_768_487_461_000);
    expect(jwtExpiryMs(jwt('{"name":"Sitī?>~","exp":1768487461.5}'))).toBe(1_768_487_461_500);
  });

  test.each([
    '',
    'opaque',
    'a.b.c',
    jwt('5'),
    jwt('{}'),
    jwt('{"exp":"soon"}'),
    jwt('{"exp":1e300}'),
    jwt('{"exp":-1}'),
    jwt('{'),
  ])('is unknown of %j', (token) => {
    expect(jwtExpiryMs(token)).toBeUndefined();
  });
});

describe('the token of a connection', () => {
  const announced = (token: ReturnType<typeof createCurrentToken>, receiveMs: number) => {
    const controls: FeedControl[] = [];
    const sink: FrameSink = {
      event() {},
      reject() {},
      unmodelled() {},
      control: (control) => void controls.push(control),
    };
    return { good: token.announceEnd(receiveMs, sink), controls };
  };

  test('is asked for anew each time, and nothing is announced before', async () => {
    let asked = 0;
    const token = createCurrentToken('toy', () => `token ${(asked += 1)}`);
    expect(token.value()).toBeUndefined();
    expect(announced(token, 0)).toEqual({ good: true, controls: [] });
    expect([await token.renew(), await token.renew()]).toEqual(['token 1', 'token 2']);
    expect(token.value()).toBe('token 2');
  });

  test('is never part of a message', async () => {
    const secret = jwt('{"exp":1}');
    const token = createCurrentToken('toy', secret);
    await token.renew();
    const { good, controls } = announced(token, 5_000);
    expect(good).toBe(false);
    expect(controls).toEqual([
      {
        kind: 'refused',
        detail: 'the access token ended at 1970-01-01T00:00:01.000Z; expected a newer one',
        fatal: true,
      },
    ]);
    expect(JSON.stringify(controls)).not.toContain(secret);
  });
});
