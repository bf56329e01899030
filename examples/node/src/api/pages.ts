/** The built web pages: static files, with a policy for each page that allows its own scripts and nothing else. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { ApiEnv } from './create-api.ts';

/** Files whose name holds a digest of their content never change. */
const immutable = /^\/_app\/immutable\//;

/** Mounts the files of `webRoot` at `/`; a page that is no file gets the fallback, which routes in the browser. */
export function mountPages(api: Hono<ApiEnv>, webRoot: string): void {
  const policies = new Map<string, { readonly mtimeMs: number; readonly policy: string }>();

  const onFound = (path: string, c: Context): void => {
    const file = path.replace(/\.(?:br|gz|zst)$/, '');
    if (extname(file) !== '.html') {
      c.header('cache-control', immutable.test(c.req.path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      return;
    }
    const { mtimeMs } = statSync(file);
    let known = policies.get(file);
    if (known?.mtimeMs !== mtimeMs) {
      known = { mtimeMs, policy: pagePolicy(readFileSync(file, 'utf8')) };
      policies.set(file, known);
    }
    c.header('content-security-policy', known.policy);
    c.header('cache-control', 'no-cache');
  };

  const files = serveStatic<ApiEnv>({ root: webRoot, precompressed: true, onFound });
  const prettyPages = serveStatic<ApiEnv>({
    root: webRoot,
    precompressed: true,
    onFound,
    rewriteRequestPath: (path) => `${path}.html`,
  });
  const fallback: MiddlewareHandler<ApiEnv> = async (c, next) => {
    const name = ['200.html', 'index.html'].find((candidate) => existsSync(join(webRoot, candidate)));
    if (name === undefined || !isNavigation(c)) return next();
    return serveStatic<ApiEnv>({ root: webRoot, path: name, onFound })(c, next);
  };
  const noHiddenFiles: MiddlewareHandler<ApiEnv> = (c, next) =>
    /\/\./.test(c.req.path) ? Promise.resolve(c.notFound()) : next();

  api.get('*', noHiddenFiles, files, prettyPages, fallback);
}

/** A person who goes to a page, not a script or an image that is missing. */
function isNavigation(c: Context): boolean {
  return extname(c.req.path) === '' && (c.req.header('accept') ?? '').includes('text/html');
}

/**
 * The policy of one page. Its inline scripts are allowed by their digests, so no other inline script runs. Styles stay
 * open for charts that size their elements; the page may say more strictly in its own `<meta>`.
 */
export function pagePolicy(html: string): string {
  const inline = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)].filter(
    ([, attributes]) => !/\bsrc\s*=/i.test(attributes!),
  );
  const digests = inline.map(([, , code]) => `'sha256-${createHash('sha256').update(code!).digest('base64')}'`);
  return [
    "default-src 'none'",
    ["script-src 'self'", ...new Set(digests)].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}
