import { ScoringError } from '../errors.ts';

/** 1 for what just became known, 0 from `bars` bars on, a straight line between. */
export function fade(age: number, bars: number): number {
  return Math.max(0, 1 - age / bars);
}

/** Throws `bad-option` unless `bars` is a number above 0: a pattern is worth less the longer it is known. */
export function checkFade(name: string, bars: number): void {
  if (Number.isFinite(bars) && bars > 0) return;
  const message = `${name} "${String(bars)}" is not a number of bars above 0. Pass for example 10.`;
  throw new ScoringError('bad-option', message, bars);
}
