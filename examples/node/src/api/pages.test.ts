import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApi } from './create-api.ts';
import { pagePolicy } from './pages.ts';
import { startServer, type RunningServer } from './server.ts';
import { testDeps } from './test-support.ts';

const inline = 'console.log("start")';
const digest = createHash('sha256').update(inline).digest('base64');
const index = `<!doctype html><script src="/_app/immutable/start.abc.js"></script><script>${inline}</script>`;
let outside: string;
let server: RunningServer;

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'pages-'));
  const webRoot = join(outside, 'build');
  const files = {
    '../secret.txt': 'secret',
    '../build-old/secret.txt': 'secret',
    'index.html': index,
    'health.html': '<!doctype html><p>Health</p>',
    'docs.html': 'must not hide the reference',
    'favicon.svg': '<svg/>',
    '.env': 'secret',
    '_app/immutable/start.abc.js': 'export {}',
    '_app/version.json': '{}',
    'fonts/inter.woff2': 'font',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(webRoot, name)), { recursive: true });
    writeFileSync(join(webRoot, name), text);
  }
  server = await startServer({ api: createApi(testDeps({ webRoot })), port: 0 });
});
afterAll(async () => {
  await server.close();
  rmSync(outside, { recursive: true });
});

const html = { accept: 'text/html,application/xhtml+xml' };
const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });

/** Sends a path as it stands; `fetch` would tidy it up first. */
const raw = (path: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const sent = request({ hostname, port, path, headers: html }, (reply) => {
      let body = '';
      reply.setEncoding('utf8').on('data', (part: string) => (body += part));
      reply.on('end', () => resolve({ status: reply.statusCode!, body }));
    });
    sent.on('error', reject).end();
  });

describe('the web pages', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/health.html', 'text/html; charset=utf-8', 'no-cache'],
    ['/_app/immutable/start.abc.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/_app/version.json', 'application/json', 'no-cache'],
    ['/favicon.svg', 'image/svg+xml; charset=utf-8', 'no-cache'],
    ['/fonts/inter.woff2', 'font/woff2', 'no-cache'],
  ])('%s comes as %s, kept as %s', async (path, type, cache) => {
    const { status, headers } = await get(path);
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, type, cache]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('allow their own inline scripts by digest, and no other', async () => {
    const policy = (await get('/')).headers.get('content-security-policy');
    expect(policy).toContain(`script-src 'self' 'sha256-${digest}';`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(pagePolicy('<script type="module">a</script>\n<SCRIPT>b</SCRIPT>').match(/sha256-/g)).toHaveLength(2);
    expect(pagePolicy('<p>no script</p>')).toContain("script-src 'self';");
  });

  test('are found without ".html", and an address of the router gets the start page', async () => {
    expect(await (await get('/archive/ETHUSDT', html)).text()).toBe(index);
    expect((await get('/archive/ETHUSDT', html)).headers.get('content-security-policy')).toContain(digest);
    expect((await get('/nothing', html)).status).toBe(200);
  });

  test('stay behind the API: its paths and its reference are never a page', async () => {
    expect((await get('/v1/nothing', html)).status).toBe(404);
    expect(((await (await get('/health', html)).json()) as { status: string }).status).toBe('ok');
    expect(await (await get('/docs', html)).text()).toContain('scalar.js');
  });

  test('a script or a picture that is missing is missing', async () => {
    for (const path of ['/_app/immutable/gone.js', '/gone.png', '/gone.js']) {
      expect([path, (await get(path, html)).status]).toEqual([path, 404]);
    }
    expect((await get('/nothing', { accept: 'application/json' })).status).toBe(404);
  });

  test('hidden files stay hidden', async () => {
    for (const path of ['/.env', '/%2eenv', '/_app/.git/config']) {
      const { status, body } = await raw(path);
      expect([path, status, body.includes('secret')]).toEqual([path, 404, false]);
    }
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/%252e%252e%252fsecret.txt',
    '/_app/../../secret.txt',
    '/_app/..%2f..%2fsecret.txt',
    '/_app/%2e%2e/%2e%2e/secret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/....//secret.txt',
    '//secret.txt',
    '/../build-old/secret.txt',
    '/%00/../secret.txt',
    '/secret.txt%00.html',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    '/file:///etc/passwd',
  ])('nothing outside their folder is reached by %s', async (path) => {
    const { status, body } = await raw(path);
    expect([200, 400, 404]).toContain(status);
    expect(body).not.toMatch(/^secret|root:/);
    if (status === 200) expect(body).toBe(index);
  });
});
