import { ScoringError } from '../errors.ts';
import { checkPeriod } from '../internal/checks.ts';
import type { ShapeTemplate } from './templates.ts';
import { shapeTemplates } from './templates.ts';

/** Options of `shapes` and `createShapes`. */
export interface ShapesOptions {
  /**
   * Shapes to look for.
   * @defaultValue `shapeTemplates`
   */
  readonly templates?: readonly ShapeTemplate[];
  /**
   * Lengths of the windows in bars, ascending.
   * @defaultValue [20, 30, 40, 60]
   */
  readonly lengths?: readonly number[];
  /**
   * Sakoe-Chiba band as a share of the window.
   * @defaultValue 0.1
   */
  readonly bandShare?: number;
  /**
   * Largest mean distance along the path, as a share of the window's height.
   * @defaultValue 0.05
   */
  readonly maxCost?: number;
  /**
   * Least height of a window, in mean moves from close to close within it; what is flatter is noise.
   * @defaultValue 4
   */
  readonly leastHeight?: number;
}

/** The options that apply where none are given. */
export const shapesDefaults: Required<ShapesOptions> = {
  templates: shapeTemplates,
  lengths: [20, 30, 40, 60],
  bandShare: 0.1,
  maxCost: 0.05,
  leastHeight: 4,
};

/** Throws `bad-option` for what is outside its documented domain. */
export function checkShapes(options: Required<ShapesOptions>): Required<ShapesOptions> {
  const { templates, lengths, bandShare, maxCost, leastHeight } = options;
  if (lengths.length === 0) throw bad('lengths', 'none', 'one or more numbers of bars', 'Pass for example [20, 40].');
  lengths.forEach((length, i) => {
    checkPeriod(`lengths[${i}]`, length);
    if (length >= 5 && length <= 10_000 && length > (lengths[i - 1] ?? 0)) return;
    throw bad(`lengths[${i}]`, length, 'from 5 to 10,000 and above the length before it', 'Pass for example [20, 40].');
  });
  const isNumber = (value: unknown): boolean => typeof value === 'number';
  if (!(isNumber(bandShare) && bandShare >= 0 && bandShare <= 1))
    throw bad('bandShare', bandShare, 'from 0 to 1', 'Pass for example 0.1.');
  if (!(isNumber(maxCost) && maxCost > 0 && maxCost <= 1))
    throw bad('maxCost', maxCost, 'above 0, at most 1', 'Pass for example 0.05.');
  if (!(isNumber(leastHeight) && leastHeight >= 0))
    throw bad('leastHeight', leastHeight, 'at least 0', 'Pass for example 4.');
  const names = new Set(templates.map(({ name }) => name));
  if (names.size < templates.length) throw bad('templates', [...names].join(', '), 'of different names', 'Rename one.');
  for (const { name, corners } of templates) {
    const isSound =
      corners.length >= 2 &&
      corners[0]![0] === 0 &&
      corners.at(-1)![0] === 1 &&
      corners.every(([time, price], i) => Number.isFinite(price) && (i === 0 || time > corners[i - 1]![0])) &&
      corners.some(([, price]) => price !== corners[0]![1]);
    if (isSound) continue;
    throw bad(`template "${name}"`, JSON.stringify(corners), 'corners with ascending times from 0 to 1', 'Mend it.');
  }
  return options;
}

function bad(name: string, value: unknown, expected: string, next: string): ScoringError {
  return new ScoringError('bad-option', `${name} "${String(value)}" is not ${expected}. ${next}`, value);
}
