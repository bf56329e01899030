import { ScoringError } from '../errors.ts';
import { excerpt } from './excerpt.ts';

/** The options, with the defaults where one is missing or undefined. Throws `bad-option` for what holds none. */
export function withDefaults<Defaults extends object, Options extends object>(
  defaults: Defaults,
  options: Options,
): Defaults & Options {
  if (typeof options !== 'object' || (options as unknown) === null) {
    const message = `options "${excerpt(options)}" are not an object. Leave them out for the defaults.`;
    throw new ScoringError('bad-option', message, options);
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(given) as Options) };
}
