import type { ComponentInput, ComponentScore, Quality } from '../component.ts';
import { ScoringError } from '../errors.ts';
import { excerpt } from './excerpt.ts';
import { scoreFromOffset } from './micro-points.ts';

const qualities: readonly Quality[] = ['measured', 'proxy', 'missing'];

/** The components with their scores to a millionth, by name. Throws `bad-component` or `bad-value`. */
export function componentsByName(
  components: readonly ComponentInput[],
  weights: Readonly<Record<string, number>>,
): Map<string, ComponentScore> {
  const byName = new Map<string, ComponentScore>();
  for (const component of components) {
    if (typeof component !== 'object' || (component as unknown) === null) {
      throw new ScoringError(
        'bad-component',
        `component "${excerpt(component)}" is none. Use missingComponent for one that is not known.`,
        component,
      );
    }
    const { name, quality } = component;
    const score = component.score ?? undefined;
    if (byName.has(name)) {
      throw new ScoringError('bad-component', `component "${name}" is there twice, expected once. Merge them.`, name);
    }
    if (!Object.hasOwn(weights, name)) {
      throw new ScoringError(
        'bad-component',
        `component "${name}" has no weight among "${Object.keys(weights).join(', ')}". Give it one, 0 to leave it out.`,
        name,
      );
    }
    if (!qualities.includes(quality)) {
      throw new ScoringError(
        'bad-component',
        `quality "${quality}" of component "${name}" is not one of ${qualities.join(', ')}. ` +
          'Say how its inputs are known.',
        quality,
      );
    }
    if ((score === undefined) !== (quality === 'missing')) {
      throw new ScoringError(
        'bad-component',
        `component "${name}" has score "${String(component.score)}" and quality "${quality}", expected a score exactly when ` +
          'something is known. Use missingComponent for one that is not.',
        component,
      );
    }
    if (score !== undefined && !(typeof score === 'number' && score >= 0 && score <= 100)) {
      throw new ScoringError(
        'bad-value',
        `score "${String(score)}" of component "${name}" is not a number from 0 to 100. Leave it undefined if unknown.`,
        score,
      );
    }
    const { coverage: given, ...stated } = component;
    const coverage = given ?? undefined;
    if (coverage !== undefined && !(typeof coverage === 'number' && coverage >= 0 && coverage <= 1)) {
      throw new ScoringError(
        'bad-component',
        `coverage "${String(coverage)}" of component "${name}" is not a number from 0 to 1. Leave it out for all.`,
        coverage,
      );
    }
    const inputs = Object.fromEntries(
      Object.entries(component.inputs).map(([input, value]) => [input, value ?? undefined]),
    );
    byName.set(name, {
      ...stated,
      ...(coverage !== undefined && { coverage }),
      inputs,
      score: score === undefined ? undefined : scoreFromOffset(score - 50),
    });
  }
  return byName;
}
