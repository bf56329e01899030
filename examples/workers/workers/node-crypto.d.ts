/** The two functions of Node's crypto that run in workerd (`nodejs_compat`) and are used here. */
declare module 'node:crypto' {
  export function createHash(algorithm: 'sha256'): {
    update(text: string): { digest(): Uint8Array; digest(encoding: 'hex'): string };
  };
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}
