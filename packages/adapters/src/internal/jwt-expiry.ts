/** When a token ends, read from the token itself. Its signature is the venue's business. */

/**
 * The `exp` of a JSON Web Token (RFC 7519, section 4.1.4), epoch milliseconds UTC; `undefined` for any other text.
 */
export function jwtExpiryMs(token: string): number | undefined {
  const payload = token.split('.', 3)[1];
  if (payload === undefined || payload.length > 16_384) return undefined;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const exp = typeof claims === 'object' && claims !== null ? (claims as { exp?: unknown }).exp : undefined;
    // A time beyond the last that a calendar has is none.
    return typeof exp === 'number' && exp > 0 && exp <= 8.64e12 ? Math.floor(exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
