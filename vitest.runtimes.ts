/** Test projects that run a package's portable tests where its users run it: in workerd and in Chromium. */
import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineProject, type Plugin, type UserWorkspaceConfig } from 'vitest/config';
import { chromiumArgs, chromiumPath } from './tooling/src/chromium.ts';
import { together } from './vitest.shared.ts';

/** Tests that read files, start processes or drive a browser of their own; they run in Node only. */
const nodeOnly = ['**/*recorded.test.ts', '**/*.node.test.ts', '**/node_modules/**', '**/dist/**'];

const fewerCasesFile = fileURLToPath(new URL('tooling/src/fewer-cases.ts', import.meta.url));
/** Properties are tried with all of their cases in Node. */
const fewerCases: Plugin = {
  name: 'fewer-cases',
  enforce: 'pre',
  resolveId: (name, importer) => (name === 'fast-check' && importer !== fewerCasesFile ? fewerCasesFile : undefined),
};

/** The portable tests of a package, or some of them, in workerd, the runtime of Cloudflare Workers. */
export function inWorkerd(name: string, include?: string[]): UserWorkspaceConfig {
  // The runtime would ask who it is, and report errors home.
  Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_ERROR_REPORTS: 'false' });
  return defineProject({
    plugins: [fewerCases, cloudflareTest({ miniflare: { compatibilityDate: '2026-11-02' } })],
    resolve: { conditions: ['source'] },
    ssr: { resolve: { conditions: ['source', 'workerd', 'worker', 'module', 'browser', 'development|production'] } },
    test: { name: `${name} in workerd`, exclude: nodeOnly, ...(include && { include }), ...together },
  });
}

/** The portable tests of a package, or some of them, in a headless Chromium. */
export async function inChromium(name: string, include?: string[]): Promise<UserWorkspaceConfig> {
  const launchOptions = { executablePath: await chromiumPath(), args: [...chromiumArgs] };
  return defineProject({
    plugins: [fewerCases],
    // Found on the way, it would load the page of the tests anew.
    optimizeDeps: { include: ['fast-check'] },
    resolve: { conditions: ['source', 'browser', 'module', 'import', 'default'] },
    test: {
      name: `${name} in Chromium`,
      exclude: nodeOnly,
      ...(include && { include }),
      ...together,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions }),
        instances: [{ browser: 'chromium' }],
      },
    },
  });
}
