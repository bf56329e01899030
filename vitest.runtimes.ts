/** Test projects that run a package's portable tests where its users run it: in workerd and in Chromium. */
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineProject, type UserWorkspaceConfig } from 'vitest/config';
import { chromiumArgs, chromiumPath } from './tooling/src/chromium.ts';
import { patient } from './vitest.shared.ts';

/** Tests that read files, start processes or drive a browser of their own; they run in Node only. */
const nodeOnly = ['**/*recorded.test.ts', '**/*.node.test.ts', '**/node_modules/**', '**/dist/**'];

/** The portable tests of a package, or some of them, in workerd, the runtime of Cloudflare Workers. */
export function inWorkerd(name: string, include?: string[]): UserWorkspaceConfig {
  // The runtime would ask who it is, and report errors home.
  Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_ERROR_REPORTS: 'false' });
  return defineProject({
    plugins: [cloudflareTest({ miniflare: { compatibilityDate: '2026-11-02' } })],
    resolve: { conditions: ['source'] },
    ssr: { resolve: { conditions: ['source', 'workerd', 'worker', 'module', 'browser', 'development|production'] } },
    test: { name: `${name} in workerd`, exclude: nodeOnly, isolate: false, ...(include && { include }), ...patient },
  });
}

/** The portable tests of a package, or some of them, in a headless Chromium. */
export async function inChromium(name: string, include?: string[]): Promise<UserWorkspaceConfig> {
  const launchOptions = { executablePath: await chromiumPath(), args: [...chromiumArgs] };
  return defineProject({
    resolve: { conditions: ['source', 'browser', 'module', 'import', 'default'] },
    test: {
      name: `${name} in Chromium`,
      exclude: nodeOnly,
      isolate: false,
      ...(include && { include }),
      ...patient,
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
