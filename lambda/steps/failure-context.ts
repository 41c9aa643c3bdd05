import { RotationError } from '../failure.ts';
import type { SecretVersion } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { readTimeoutMs } from '../time/time-left.ts';

/**
 * The details of a failure after createSecret: which version is current;
 * whether this is the dry run, on a copy of the current value; and whether
 * consumers still have an active token, as with alternating tokens they do.
 */
export type FailureContext = Readonly<{
  currentVersionId?: string;
  dryRun?: true;
  /** `unknown` where GitLab could not be asked: createSecret saw it active, or sent HEALED. */
  currentActive?: true | 'unknown';
}>;

/**
 * Runs a step, and adds the context to its failure. Best effort: must not mask the failure.
 * CURRENT_TOKEN_DEAD has its own: it says itself what is current.
 */
export async function withContext(run: Run, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    throw error instanceof RotationError && error.code !== 'CURRENT_TOKEN_DEAD'
      ? error.withDetails(await readContext(run).catch(() => ({})))
      : error;
  }
}

async function readContext(run: Run): Promise<FailureContext> {
  const { secrets, tokens, request, time } = run;
  const { secretId, versionId } = request;
  const current = await secrets.readCurrent(secretId, readTimeoutMs(time));
  const pending = await secrets.readVersion(secretId, versionId, readTimeoutMs(time));
  const { versionId: currentVersionId } = current;
  if (pending !== undefined && isCopy(pending, current)) {
    return { currentVersionId, dryRun: true };
  }
  const token = tryToParse(run, current.secretString)?.token;
  const standby = pending && tryToParse(run, pending.secretString)?.standby?.token;
  if (token === undefined || token !== standby) {
    // With one token it is revoked, and need not be probed.
    return { currentVersionId };
  }
  const probe = await tokens.probe(token, readTimeoutMs(time));
  return probe.kind === 'dead'
    ? { currentVersionId }
    : { currentVersionId, currentActive: probe.kind === 'active' ? true : 'unknown' };
}

/** The dry run alone has a copy of the current value in another version. */
export function isCopy(pending: SecretVersion, current: SecretVersion): boolean {
  return pending.secretString === current.secretString && pending.versionId !== current.versionId;
}

/** Undefined where the value is malformed. */
export function tryToParse({ settings }: Run, secretString: string): SecretValue | undefined {
  try {
    return parseSecret(secretString, settings);
  } catch {
    return undefined;
  }
}
