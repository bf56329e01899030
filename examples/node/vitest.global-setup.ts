import { ensureWebBuild } from './web/ensure-build.mjs';

/** The page's tests and its TypeScript settings (`$app/tsconfig`) need a build. */
export async function setup(): Promise<void> {
  await ensureWebBuild();
}
