import type { RotationRequest } from '../ports/secret-store.ts';
import type { Invocation, StepDeps } from '../ports/step.ts';
import { parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { readTimeoutMs } from '../successor/attempt.ts';
import { consistencyFloor, NOT_YET, poll } from '../time/poll.ts';

/**
 * What a failure after createSecret is told with: which version is current;
 * whether this is the dry run, on a copy of the current value; and whether
 * consumers still have a living token, as with alternating tokens they do.
 */
export type Situation = Readonly<{
  currentVersionId?: string;
  dryRun?: true;
  /** `unknown` where GitLab could not be asked: createSecret saw it alive, or told HEALED that it was dead. */
  currentAlive?: true | 'unknown';
}>;

/** For whoever must act. The failure that is being told matters more than this. */
export async function knownSituation(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<Situation> {
  return readSituation(deps, request, invocation).catch(() => ({}));
}

/** In the dry run a finding is a failure, so it must be known; a rotation would get no further either. */
export async function requireSituation(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<Situation> {
  const { deadline } = invocation;
  const floorMs = consistencyFloor(deadline.remainingMs());
  let failure: unknown;
  const situation = await poll({ clock: deps.clock, deadline, floorMs }, () =>
    readSituation(deps, request, invocation).catch((error: unknown) => {
      failure = error;
      return NOT_YET;
    }),
  );
  if (situation === undefined) {
    throw failure;
  }
  return situation;
}

async function readSituation(
  deps: StepDeps,
  { secretId, versionId }: RotationRequest,
  invocation: Invocation,
): Promise<Situation> {
  const { secrets } = deps;
  const timeoutMs = () => readTimeoutMs({ invocation });
  const current = await secrets.readCurrent(secretId, timeoutMs());
  const pending = await secrets.readVersion(secretId, versionId, timeoutMs());
  const { versionId: currentVersionId } = current;
  if (pending?.secretString === current.secretString) {
    return { currentVersionId, dryRun: true };
  }
  const token = tryToParse(deps, current.secretString)?.token;
  const standby = pending && tryToParse(deps, pending.secretString)?.standby?.token;
  // With one token it is dead, and need not be asked about.
  const probe =
    token !== undefined && token === standby
      ? await deps.tokens.probe(token, timeoutMs())
      : undefined;
  if (probe === undefined || probe.kind === 'dead') {
    return { currentVersionId };
  }
  return { currentVersionId, currentAlive: probe.kind === 'alive' ? true : 'unknown' };
}

function tryToParse({ settings }: StepDeps, secretString: string): SecretValue | undefined {
  try {
    return parseSecret(secretString, settings);
  } catch {
    return undefined;
  }
}
