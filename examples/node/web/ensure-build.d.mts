/** Builds the page if its sources changed since the last build; resolves with the folder to serve. */
export function ensureWebBuild(options?: {
  /** Called before a build starts; it takes seconds. */
  readonly onBuild?: () => void;
}): Promise<string>;
