import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defaultClientConditions, defaultServerConditions, defineConfig } from 'vite';

/** `ensure-build.mjs` builds beside the served copy and moves the result into place; by hand it is built in place. */
const workDir = process.env['TAPEKIT_WEB_WORK'];

export default defineConfig({
  // Workspace packages are bundled from their TypeScript source, for the browser and for the page's prerendering.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['source', ...defaultServerConditions] } },
  plugins: [
    sveltekit({
      adapter: adapter({ pages: workDir ? `${workDir}/site` : 'build', precompress: true }),
      outDir: workDir ? `${workDir}/kit` : '.svelte-kit',
      // Same sources, same bytes: the version is the digest of the sources, and nothing polls for a newer one.
      version: { name: process.env['TAPEKIT_WEB_VERSION'] ?? 'dev', pollInterval: 0 },
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          'style-src': ['self'],
          // The one style attribute of the page: SvelteKit hides its announcer of navigations with it.
          'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['none'],
        },
      },
    }),
  ],
  build: { target: 'es2023', chunkSizeWarningLimit: 600 },
});
