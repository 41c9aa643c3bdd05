import { errorName } from '../disclosure.ts';
import { isFailure } from '../failure.ts';
import type { ActiveToken } from '../ports/access-tokens.ts';
import { SECRET_ARN } from '../ports/secret-ids.ts';
import { currentVersionId } from '../ports/secret-store.ts';
import type { SecretSettings } from '../ports/step.ts';
import { WATCH_DOUBT_MS, WATCH_RESERVE_MS } from '../time/timing.ts';
import { dateOf } from '../time/token-expiry.ts';
import { type Finding, notChecked, worstFirst } from './finding.ts';
import { judge } from './judge.ts';
import type { Standard } from './judge-rotation.ts';
import { PatientTokens } from './patient-tokens.ts';
import { type RecoveryReport, watchRecovery } from './recovery.ts';
import {
  isDeadToken,
  isVerdict,
  lookAt,
  type Seen,
  type Sight,
  type TokenState,
  tokenStateOf,
  type Watching,
} from './sight.ts';
import type { AwsVerdict, WatchTask } from './watch-event.ts';

/** What the watch works with. `settings` are those for all secrets. */
export interface Watch extends Watching {
  /** By the name of the secret. */
  readonly secretSettings?: ReadonlyMap<string, SecretSettings> | undefined;
  /** ARN. */
  readonly recoverySecretId?: string | undefined;
  readonly rotationFunctionArn: string;
}

/** What GitLab says of an active token. `expiresAt` is `YYYY-MM-DD`, or null for never. */
export type TokenReport = Pick<ActiveToken, 'tokenId' | 'expiresAt'>;

/** What one run has seen of one secret. Times are ISO 8601. Nothing of it is secret. */
export interface SecretReport {
  readonly name: string;
  readonly arn?: string;
  /** Absent where GitLab does not accept it, or was not asked. */
  readonly current?: TokenReport;
  readonly standby?: TokenReport;
  /** Absent where the value holds no standby, or could not be read. */
  readonly standbyToken?: TokenState;
  readonly lastRotated?: string;
  readonly nextRotation?: string;
  /** By the id of the version. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Whether the versions that were read hold an active token, by their ids. */
  readonly tokens: Readonly<Record<string, TokenState>>;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/** What one run has seen. The secrets with the worst findings come first. */
export interface Report {
  readonly checkedAt: string;
  readonly secrets: readonly SecretReport[];
  readonly recovery?: RecoveryReport;
  readonly verdict?: AwsVerdict;
}

/** So many secrets are looked at together: GitLab must bear it beside its other work. */
const AT_ONCE = 8;

/** Looks at every secret. Whatever is wrong with one, or with the time, the others are reported. */
export async function watchSecrets(watch: Watch, task: WatchTask): Promise<Report> {
  const patient = () => ({ ...watch, tokens: new PatientTokens(watch.tokens, watch.time) });
  const forSecrets = patient();
  const checkedAt = watch.time.now();
  const { verdict } = task;
  const secrets = await eachOf(task.secrets, (secretId) => watchOne(forSecrets, secretId, verdict));
  // With patience of its own: one token that GitLab never answers must not hide this credential.
  const recovery = verdict === undefined ? await recoveryIn(patient(), secrets) : undefined;
  return {
    checkedAt: checkedAt.toISOString(),
    secrets: worstSecretsFirst(secrets),
    ...(recovery && { recovery }),
    ...(verdict && { verdict }),
  };
}

async function eachOf<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const results: Out[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) {
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

async function watchOne(
  watch: Watch,
  secretId: string,
  verdict: AwsVerdict | undefined,
): Promise<SecretReport> {
  const { time, rotationFunctionArn } = watch;
  const name = nameOf(secretId);
  const isLate = () => time.remainingMs() <= WATCH_RESERVE_MS;
  const standard = () => ({ now: time.now(), rotationFunctionArn, verdict });
  if (isLate()) {
    return unseen(secretId, 'NO_TIME_LEFT', standard());
  }
  const settings = { ...watch.settings, ...watch.secretSettings?.get(name) };
  try {
    const sight = await lookAgain({ ...watch, settings }, secretId, verdict);
    // A read that was cut short by the end of the run says nothing of the secret.
    return isLate() && isFailure(sight.failure, 'STORE_UNAVAILABLE')
      ? unseen(secretId, 'NO_TIME_LEFT', standard())
      : reportOf(secretId, sight, judge(sight, standard()));
  } catch (error) {
    return unseen(secretId, errorName(error), standard());
  }
}

/**
 * A rotation that is under way revokes the token that it replaces, and needs a moment to make the
 * new one current. So a dead token is looked at again: at once where no rotation was seen, since one
 * may have begun, or ended, during the look; later where one is seen.
 */
async function lookAgain(
  watching: Watching,
  secretId: string,
  verdict: AwsVerdict | undefined,
): Promise<Sight> {
  const sight = await lookAt(watching, secretId);
  if (verdict !== undefined || !hasDeadToken(sight)) {
    return sight;
  }
  const newer = sight.pending === undefined ? await lookLater(watching, secretId, sight, 0) : sight;
  return newer.pending !== undefined && hasDeadToken(newer)
    ? await lookLater(watching, secretId, newer, WATCH_DOUBT_MS)
    : newer;
}

/** Keeps to what was seen where there is no time for another look, or that look shows nothing. */
async function lookLater(
  watching: Watching,
  secretId: string,
  sight: Sight,
  waitMs: number,
): Promise<Sight> {
  const { time } = watching;
  if (time.remainingMs() - 2 * WATCH_RESERVE_MS < waitMs) {
    return sight;
  }
  await time.sleep(waitMs);
  const newer = await lookAt(watching, secretId);
  return showsNothing(newer, sight) ? sight : newer;
}

function showsNothing(newer: Sight, sight: Sight): boolean {
  const isSameVersion = currentIdOf(newer) === currentIdOf(sight);
  const isSilent = isDeadToken(sight.current) && !isVerdict(newer.current) && isSameVersion;
  return isSilent || isFailure(newer.failure, 'STORE_UNAVAILABLE');
}

function currentIdOf({ description }: Sight): string | undefined {
  return description && currentVersionId(description);
}

function hasDeadToken({ current, standby }: Sight): boolean {
  return isDeadToken(current) || isDeadToken(standby);
}

/** What AWS reports of it is known all the same. */
function unseen(secretId: string, reason: string, standard: Standard): SecretReport {
  const arn = SECRET_ARN.test(secretId) && { arn: secretId };
  const findings = worstFirst([...judge({}, standard), notChecked(reason)]);
  return { name: nameOf(secretId), ...arn, labels: {}, tokens: {}, findings };
}

function reportOf(secretId: string, sight: Sight, findings: readonly Finding[]): SecretReport {
  const { description, current, standby } = sight;
  const { arn, lastRotatedDate, nextRotationDate, stages = {} } = description ?? {};
  const fullArn = arn ?? (SECRET_ARN.test(secretId) ? secretId : undefined);
  const active = { current: activeToken(current), standby: activeToken(standby) };
  return {
    name: nameOf(fullArn ?? secretId),
    ...(fullArn !== undefined && { arn: fullArn }),
    ...(active.current && { current: active.current }),
    ...(active.standby && { standby: active.standby }),
    ...(standby && { standbyToken: tokenStateOf(standby) }),
    ...(lastRotatedDate && { lastRotated: lastRotatedDate.toISOString() }),
    ...(nextRotationDate && { nextRotation: nextRotationDate.toISOString() }),
    labels: stages,
    tokens: statesIn(sight),
    findings,
  };
}

function statesIn(sight: Sight): SecretReport['tokens'] {
  const { current, pending, previous } = sight;
  const currentId = currentIdOf(sight);
  const others = [pending, previous].filter((version) => version !== undefined);
  return {
    ...(currentId !== undefined && current && { [currentId]: tokenStateOf(current) }),
    ...Object.fromEntries(others.map(({ versionId, seen }) => [versionId, tokenStateOf(seen)])),
  };
}

function activeToken(seen: Seen | undefined): TokenReport | undefined {
  if (!isVerdict(seen) || seen.kind === 'dead') {
    return undefined;
  }
  const { tokenId, expiresAt } = seen.token;
  return { tokenId, expiresAt };
}

async function recoveryIn(
  watch: Watch,
  secrets: readonly SecretReport[],
): Promise<RecoveryReport | undefined> {
  const { recoverySecretId: arn, time } = watch;
  if (arn === undefined) {
    return undefined;
  }
  if (time.remainingMs() <= WATCH_RESERVE_MS) {
    return { arn, findings: [notChecked('NO_TIME_LEFT', { token: 'recovery' })] };
  }
  const dates = secrets.flatMap(({ nextRotation }) => nextRotation ?? []);
  const last = dates.toSorted().at(-1);
  return await watchRecovery(watch, arn, last && dateOf(new Date(last)));
}

function worstSecretsFirst(secrets: readonly SecretReport[]): readonly SecretReport[] {
  const [well, ill] = [
    secrets.filter(({ findings }) => findings.length === 0),
    secrets.flatMap((secret) => secret.findings.slice(0, 1).map((worst) => ({ ...worst, secret }))),
  ];
  return [...worstFirst(ill).map(({ secret }) => secret), ...well];
}

/** Of a full ARN without what AWS appends to the name. */
export function nameOf(secretId: string): string {
  return SECRET_ARN.exec(secretId)?.[2] ?? secretId;
}
