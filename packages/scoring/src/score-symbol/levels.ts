/** The two levels of a preset: which names it weighs, and how parts become components. */
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import type { Weights } from '../composite.ts';
import { componentOf, composeScore } from '../composite.ts';
import { ScoringError } from '../errors.ts';
import { componentsByName } from '../internal/components-by-name.ts';
import { checkList, checkObject } from '../internal/objects.ts';
import type { ScorePreset } from '../presets.ts';
import type { SignalScale } from '../signal.ts';
import { evidenceNames } from './evidence.ts';
import { feedNames } from './feeds.ts';

function partsOf(preset: ScorePreset, name: string): Weights | undefined {
  return Object.hasOwn(preset.parts, name) ? preset.parts[name] : undefined;
}

/** Every name that a preset weighs, at both levels. */
export function namesIn(preset: ScorePreset): ReadonlySet<string> {
  return new Set(listed(preset));
}

function listed(preset: ScorePreset): readonly string[] {
  const above = Object.keys(preset.weights);
  return [...above, ...above.flatMap((name) => Object.keys(partsOf(preset, name) ?? {}))];
}

/** Throws as `composeScore` for what no score can be composed with, and `bad-weights` for a name that would count twice. */
export function checkPreset(
  preset: ScorePreset,
  options: {
    readonly symbol: string;
    readonly leastCoverage: number | undefined;
    readonly signalScale: SignalScale | undefined;
  },
): void {
  checkObject('preset', preset);
  checkObject('weights of the preset', preset.weights);
  checkObject('parts of the preset', preset.parts);
  const { signalScale, ...head } = options;
  const { id: rules, weights } = preset;
  composeScore({ ...head, components: [], weights, rules, ...(signalScale && { signalScale }) });
  for (const name of Object.keys(weights)) {
    const parts = partsOf(preset, name);
    if (parts) composeScore({ symbol: '', components: [], weights: parts });
  }
  const names = listed(preset);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return;
  throw new ScoringError(
    'bad-weights',
    `weight of "${twice}" is twice in "${preset.id}", expected once on either level. Leave one out.`,
    preset,
  );
}

/** Throws `bad-component` or `bad-value` for components of the caller's own that the preset cannot take. */
export function checkComponents(preset: ScorePreset, own: readonly ComponentScore[]): void {
  checkList('components', own);
  if (own.length === 0) return;
  const names = namesIn(preset);
  const stray = own.find((component: Partial<ComponentScore> | null) => component && !names.has(component.name ?? ''));
  if (stray) {
    throw new ScoringError(
      'bad-component',
      `component "${stray.name}" has no weight in "${preset.id}". Give it one in a preset of your own.`,
      stray.name,
    );
  }
  componentsByName(own, Object.fromEntries([...names].map((name) => [name, 1])));
}

/** The components of the upper level: composed of their parts where the preset says so and nothing has made them yet. */
export function topOf(preset: ScorePreset, made: ReadonlyMap<string, ComponentScore>): ComponentScore[] {
  const known = (name: string): ComponentScore | undefined =>
    made.get(name) ?? (evidenceNames.has(name) || feedNames.has(name) ? undefined : unmade(name));
  return Object.keys(preset.weights).flatMap((name) => {
    const ready = made.get(name);
    if (ready) return [ready];
    const weights = partsOf(preset, name);
    if (!weights) return known(name) ?? [];
    const components = Object.keys(weights).flatMap((part) => known(part) ?? []);
    return [componentOf(name, composeScore({ symbol: '', components, weights }))];
  });
}

/** A name that is spelt wrong must not look like one that is merely not known today. */
function unmade(name: string): ComponentScore {
  return missingComponent(name, 'not supplied: nothing here makes it, it must come under components');
}
