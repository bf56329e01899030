import { HousecleaningError } from '../errors.ts';
import { isToken, makeToken } from './plan-token.ts';
import type { PrefixLimits, ReadRule, RetentionRule } from './retention-rules.ts';
import { placeOfTarget, type PlannedDelete } from './retention-survey.ts';
import type { Environment } from './run-types.ts';
import { createSha256 } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

/** Values of options that are left out. */
export const retentionDefaults = { ttlMs: 15 * 60_000, maxObjects: 200_000, clockToleranceMs: 60_000 } as const;

/** What would be deleted, as plain JSON. */
export interface DeletePlan {
  readonly schema: 'hc-delete-plan/1';
  readonly env: Environment;
  readonly madeAtMs: number;
  /** From then on the token is refused. */
  readonly expiresMs: number;
  readonly rules: readonly RetentionRule[];
  readonly limits: PrefixLimits & { readonly maxObjects: number };
  /** Every object, in the order of deletion. */
  readonly targets: readonly PlannedDelete[];
  readonly objects: number;
  readonly bytes: number;
  /** Objects and bytes by the prefix that a rule means. */
  readonly byPrefix: Readonly<Record<string, { readonly objects: number; readonly bytes: number }>>;
  /** Cells and objects that looked superseded and stay, with the reason. */
  readonly kept: readonly string[];
  /** SHA-256 over keys, etags, versions and sizes of the targets. */
  readonly listingDigest: string;
  /** SHA-256 over everything above but `kept`. */
  readonly digest: string;
  /** HMAC-SHA-256 of `digest` under the secret. */
  readonly token: string;
}

const purpose = 'hc-delete-plan/1';

/** The token of a plan's digest. */
export function tokenOf(digest: string, secret: Uint8Array): Promise<string> {
  return makeToken(new Uint8Array(secret), purpose, digest);
}

/**
 * Refuses a plan that was edited, has expired or is of another secret.
 *
 * @throws HousecleaningError `bad-token`, `bad-option`
 */
export async function assertToken(
  plan: Omit<DeletePlan, 'token'>,
  { token, secret, nowMs }: { readonly token: string; readonly secret: Uint8Array; readonly nowMs: number },
): Promise<void> {
  const refuse = (why: string): HousecleaningError =>
    new HousecleaningError('bad-token', `The plan was refused: ${why}; make a new plan.`, plan.digest);
  assertSecret(secret);
  const digest = digestIfPlan(plan);
  // The token first: what an edited plan says about itself is of no interest.
  if (
    digest === undefined ||
    !(await isToken(new Uint8Array(secret), purpose, digest, token)) ||
    digest !== plan.digest
  ) {
    throw refuse('its token is not of this plan and this secret');
  }
  if (!(nowMs < plan.expiresMs)) throw refuse(`it expired at ${new Date(plan.expiresMs).toISOString()}`);
  if (nowMs < plan.madeAtMs - retentionDefaults.clockToleranceMs) {
    throw refuse(`it was made at ${new Date(plan.madeAtMs).toISOString()}, which is still to come`);
  }
}

/**
 * Refuses a secret that could be guessed.
 *
 * @throws HousecleaningError `bad-option`
 */
export function assertSecret(secret: Uint8Array): void {
  if (secret instanceof Uint8Array && secret.length >= 32) return;
  throw new HousecleaningError('bad-option', 'The secret is too short; expected at least 32 random bytes.');
}

/** Numbers of a plan. */
export function countTargets(
  targets: readonly PlannedDelete[],
  rules: readonly ReadRule[],
): Pick<DeletePlan, 'objects' | 'bytes' | 'byPrefix'> {
  const byPrefix: Record<string, { objects: number; bytes: number }> = {};
  let bytes = 0;
  for (const { key, size } of targets) {
    const count = (byPrefix[placeOfTarget(key, rules)] ??= { objects: 0, bytes: 0 });
    count.objects += 1;
    count.bytes += size;
    bytes += size;
  }
  return { objects: targets.length, bytes, byPrefix };
}

/** SHA-256 over the targets in their order. */
export function digestTargets(targets: readonly PlannedDelete[]): string {
  const digest = createSha256();
  for (const { key, etag, version, size } of targets) {
    digest.update(toUtf8(`${JSON.stringify([key, etag, version ?? null, size])}\n`));
  }
  return digest.hex();
}

/** SHA-256 over what a plan says. Spelt out field by field: a plan that came through a database may have its properties in another order. */
export function digestPlan(plan: Omit<DeletePlan, 'digest' | 'token'>): string {
  const rules = plan.rules.map((rule) => [
    rule.what,
    rule.olderThan,
    rule.keepLast,
    ...(rule.what === 'objects' ? [rule.prefix, rule.writers ?? null] : []),
    ...(rule.what === 'kept-copies' ? [rule.lookedAt ?? []] : []),
  ]);
  const { env, limits } = plan;
  const fields = [
    plan.schema,
    [env.env, env.bucketId],
    [plan.madeAtMs, plan.expiresMs],
    rules,
    [limits.allow, limits.minDepth, limits.maxObjects],
    [plan.objects, plan.bytes],
    Object.entries(plan.byPrefix)
      .map(([prefix, { objects, bytes }]) => [prefix, objects, bytes])
      .sort(),
    plan.listingDigest,
    // Not what the plan says that its listing hashes to, but what it does.
    digestTargets(plan.targets),
  ];
  const digest = createSha256();
  digest.update(toUtf8(JSON.stringify(fields)));
  return digest.hex();
}

/** The digest of what came from outside; `undefined` where that is no plan at all. */
function digestIfPlan(plan: Omit<DeletePlan, 'token'>): string | undefined {
  try {
    return digestPlan(plan);
  } catch {
    return undefined;
  }
}

/** An option outside its domain. */
export function badOption(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError(
    'bad-option',
    `The option ${name} is ${JSON.stringify(value)}; expected ${expected}.`,
    value,
  );
}
