/** Workers of the tests are bundled from source, and nothing calls out. */
export const workersEnv: Readonly<Record<string, string>> = {
  WRANGLER_BUILD_CONDITIONS: 'source,workerd,worker,browser',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};
