import { type Details, RotationError } from '../failure.ts';
import type { TokenReader } from '../ports/access-tokens.ts';
import {
  currentVersionId,
  type SecretDescription,
  type SecretReader,
  type SecretVersion,
  versionLabelled,
} from '../ports/secret-store.ts';
import type { RotationSettings, Run } from '../ports/step.ts';
import { missingStandby, parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { timeoutMs } from '../time/time-left.ts';
import {
  AWS_CALL_TIMEOUT_MS,
  PROBE_TIMEOUT_MS,
  WATCH_COMPARE_MS,
  WATCH_RESERVE_MS,
} from '../time/timing.ts';
import { requireInterchangeable } from '../token/compare-tokens.ts';
import { type Verdict, verdictOf } from '../token/probe-token.ts';

/** What the watch works with. Nothing of it can change anything. */
export interface Watching extends Pick<Run, 'time' | 'log'> {
  readonly secrets: SecretReader;
  readonly tokens: TokenReader;
  /** Of the secret that is looked at. */
  readonly settings: RotationSettings;
}

/** What GitLab says of a token, or why it does not say anything. */
export type Seen = Verdict | RotationError;

/** Another version with a label than the current one. */
export interface OtherVersion {
  readonly versionId: string;
  readonly createdAt?: Date;
  /** `empty`: it has no value. A failure also where its value could not be read. */
  readonly seen: Seen | 'empty';
}

/** What one look at a secret has seen. It holds no value and no token. */
export interface Sight {
  readonly description?: SecretDescription;
  /** Why the secret, or its value, could not be read. */
  readonly failure?: RotationError;
  /** The tokenId that the secret holds. */
  readonly statedTokenId?: string;
  readonly current?: Seen;
  readonly standby?: Seen;
  /** Why the secret should have a standby, and has none. */
  readonly missing?: RotationError;
  /** How consumers would notice that the standby is not the current token. */
  readonly difference?: Details;
  /** The version with AWSPENDING, where that is not the current one. */
  readonly pending?: OtherVersion;
  /** The version with AWSPREVIOUS, where the current token is dead. */
  readonly previous?: OtherVersion;
}

/** Looks at one secret and its tokens. Never throws for what AWS or GitLab does. */
export async function lookAt(watching: Watching, secretId: string): Promise<Sight> {
  const { secrets, time } = watching;
  const read = <T>(call: (limitMs: number) => Promise<T>) =>
    orFailure(() => call(timeoutMs(time, AWS_CALL_TIMEOUT_MS, WATCH_RESERVE_MS)));
  const [description, version] = await Promise.all([
    read((limitMs) => secrets.describe(secretId, limitMs)),
    read((limitMs) => secrets.readCurrent(secretId, limitMs)),
  ]);
  if (description instanceof RotationError) {
    return { failure: description };
  }
  const held = version instanceof RotationError ? version : await lookInto(watching, version);
  const isDead = !(held instanceof RotationError) && isDeadToken(held.current);
  const other = async (label: string) => {
    const versionId = versionLabelled(description, label);
    return versionId === undefined || versionId === currentVersionId(description)
      ? undefined
      : await lookAtVersion(watching, secretId, versionId);
  };
  const pending = await other('AWSPENDING');
  const previous = isDead ? await other('AWSPREVIOUS') : undefined;
  return {
    description,
    ...(held instanceof RotationError ? { failure: held } : held),
    ...(pending && { pending }),
    ...(previous && { previous }),
  };
}

/** Whether GitLab does not accept it. */
export function isDeadToken(seen: Seen | 'empty' | undefined): boolean {
  return isVerdict(seen) && seen.kind === 'dead';
}

/** Whether GitLab accepts it. */
export function isActiveToken(seen: Seen | 'empty' | undefined): boolean {
  return isVerdict(seen) && seen.kind === 'active';
}

/** Whether GitLab said anything of it. */
export function isVerdict(seen: Seen | 'empty' | undefined): seen is Verdict {
  return typeof seen === 'object' && !(seen instanceof RotationError);
}

/** What GitLab says of a token, in a word. */
export type TokenState = 'active' | 'dead' | 'empty' | 'not-checked';

export function tokenStateOf(seen: Seen | 'empty'): TokenState {
  if (seen === 'empty') {
    return seen;
  }
  return isVerdict(seen) ? seen.kind : 'not-checked';
}

/** The tokens of the current value. @returns SECRET_MALFORMED for a value that is none */
async function lookInto(
  watching: Watching,
  { secretString }: SecretVersion,
): Promise<Omit<Sight, 'description'> | RotationError> {
  const { settings } = watching;
  const secret = await orFailure(async () => parseSecret(secretString, settings));
  if (secret instanceof RotationError) {
    return secret;
  }
  const [current, standby] = await Promise.all([
    probe(watching, secret.token),
    secret.standby && probe(watching, secret.standby.token),
  ]);
  const missing = missingStandby(secretString, secret, settings);
  const difference = await compare(watching, secret, current, standby);
  return {
    current,
    ...(secret.tokenId !== undefined && { statedTokenId: secret.tokenId }),
    ...(standby && { standby }),
    ...(missing && { missing }),
    ...(difference && { difference }),
  };
}

async function lookAtVersion(
  watching: Watching,
  secretId: string,
  versionId: string,
): Promise<OtherVersion> {
  const { secrets, settings, time } = watching;
  const version = await orFailure(() =>
    secrets.readVersion(
      secretId,
      versionId,
      timeoutMs(time, AWS_CALL_TIMEOUT_MS, WATCH_RESERVE_MS),
    ),
  );
  if (version === undefined) {
    return { versionId, seen: 'empty' };
  }
  if (version instanceof RotationError) {
    return { versionId, seen: version };
  }
  const secret = await orFailure(async () => parseSecret(version.secretString, settings));
  return {
    versionId,
    seen: secret instanceof RotationError ? secret : await probe(watching, secret.token),
    ...(version.createdAt && { createdAt: version.createdAt }),
  };
}

/** A GET, also of a token that is dead. */
async function probe({ tokens }: Watching, token: string): Promise<Seen> {
  return await orFailure(async () => verdictOf(await tokens.probe(token, PROBE_TIMEOUT_MS)));
}

/** Where GitLab does not say what they can reach, that is logged only: older GitLabs never say it. */
async function compare(
  watching: Watching,
  { token, standby: held }: SecretValue,
  current: Seen,
  standby: Seen | undefined,
): Promise<Details | undefined> {
  if (held === undefined || !isVerdict(current) || current.kind === 'dead') {
    return undefined;
  }
  if (!isVerdict(standby) || standby.kind === 'dead') {
    return undefined;
  }
  const outcome = await orFailure(() =>
    requireInterchangeable(
      { ...watching, time: shortened(watching) },
      { token, probe: current },
      { token: held.token, probe: standby },
    ),
  );
  return outcome instanceof RotationError ? outcome.details : undefined;
}

/** What the comparison takes for its invocation. Too little for asking again. */
function shortened({ time }: Watching): Run['time'] {
  const endsAt = time.now().getTime() + WATCH_COMPARE_MS;
  const { now, sleep } = time;
  return {
    now,
    sleep,
    remainingMs: () =>
      Math.min(time.remainingMs() - WATCH_RESERVE_MS, endsAt - time.now().getTime()),
  };
}

async function orFailure<T>(work: () => Promise<T>): Promise<T | RotationError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RotationError) {
      return error;
    }
    throw error;
  }
}
