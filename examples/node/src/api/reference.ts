/** The API reference at `/docs`: Scalar, served from its npm package. The page asks no other server for anything. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Hono } from 'hono';
import { compress } from 'hono/compress';
import type { ApiEnv } from './create-api.ts';

/**
 * Looser than for our own pages: Scalar puts `<style>` elements and `style` attributes into the page, and shows images
 * and fonts from data addresses. It runs no inline script and no `eval`, and it may reach this server only.
 */
const referencePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tapekit API</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <div id="reference"></div>
    <noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> says the same without.</noscript>
    <script src="docs/scalar.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const start = `Scalar.createApiReference('#reference', {
  url: 'openapi.json',
  proxyUrl: '',
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
});
`;

/** Mounts `/docs` and its two scripts. */
export function mountReference(api: Hono<ApiEnv>): void {
  // The package exports its main entry only; the bundle for browsers lies beside it.
  const main = createRequire(import.meta.url).resolve('@scalar/api-reference');
  const bundle = join(dirname(main), 'browser', 'standalone.js');

  api.get('/docs', (c) => {
    c.header('content-security-policy', referencePolicy);
    c.header('cache-control', 'no-cache');
    return c.html(page);
  });
  api.get('/docs/start.js', (c) => c.body(start, 200, script('no-cache')));
  api.use('/docs/scalar.js', compress());
  api.get(
    '/docs/scalar.js',
    serveStatic({
      path: bundle,
      onFound: (_path, c) => {
        for (const [name, value] of Object.entries(script('public, max-age=86400'))) c.header(name, value);
      },
    }),
  );
}

function script(cacheControl: string): Record<string, string> {
  return { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': cacheControl };
}
