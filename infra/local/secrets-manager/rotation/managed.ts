import type { ExternalRotation } from '../state/schedule.ts';
import type { SecretsState } from '../state/state.ts';
import { AWSCURRENT, AWSPENDING, holderOf, moveLabel, putValue } from '../state/versions.ts';
import type { InvocationResult } from './function.ts';
import type { RotationRun, Step } from './run.ts';

/** What a step of AWS's own rotation needs. */
export interface ManagedDeps {
  readonly state: SecretsState;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;

/**
 * A step of AWS's own rotation of a GitLab token: is the token active, rotate it, store the new
 * one, verify it, make it current (Secrets Manager User Guide, mes-partner-GitLabAccessToken).
 * That it has the steps of a rotation by a function, and which of the fields that it does not
 * know it keeps, is not documented; here it keeps them. Its GitLab needs no HTTPS here.
 */
export async function makeManagedStep(
  run: RotationRun,
  external: ExternalRotation,
  step: Step,
  deps: ManagedDeps,
): Promise<InvocationResult> {
  try {
    const { state, signal } = deps;
    if (step === 'createSecret') {
      await rotateAsAws(run, external, deps);
    } else if (step === 'testSecret') {
      await call(managedValue(run, AWSPENDING, deps), 'GET', SELF, signal);
    } else if (step === 'finishSecret') {
      state.save(moveLabel(state.find(run.arn), AWSCURRENT, run.versionId));
    }
    return { succeeded: true };
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error);
    return { succeeded: false, errorType: 'ManagedRotationError', errorMessage };
  }
}

const SELF = 'personal_access_tokens/self';

/** The fields that AWS's page names. */
interface ManagedValue {
  readonly token: string;
  readonly tokenId: string;
  readonly gitlabUrl: string;
  readonly projectId?: string;
  readonly groupId?: string;
}

async function rotateAsAws(
  run: RotationRun,
  { metadata }: ExternalRotation,
  { state, now, signal }: ManagedDeps,
): Promise<void> {
  const value = managedValue(run, AWSCURRENT, { state });
  await call(value, 'GET', SELF, signal);
  const at = now().getTime();
  const days = metadata.find(({ Key }) => Key === 'daysToExpiry')?.Value;
  const expiresAt =
    days === undefined ? '' : new Date(at + Number(days) * DAY_MS).toISOString().slice(0, 10);
  const query = expiresAt && `?expires_at=${expiresAt}`;
  const { id, token } = await call(value, 'POST', `${tokensOf(value)}/self/rotate${query}`, signal);
  const text = JSON.stringify({ ...value, token, tokenId: String(id) });
  const put = { versionId: run.versionId, value: { kind: 'string', text } } as const;
  const filled = { ...put, origin: 'rotation', labels: [AWSPENDING], now: at } as const;
  state.save(putValue(state.find(run.arn), filled));
}

/** Of a project with `projectId`, of a group with `groupId`, else of a person. */
function tokensOf({ projectId, groupId }: ManagedValue): string {
  if (projectId !== undefined) {
    return `projects/${projectId}/access_tokens`;
  }
  return groupId === undefined ? 'personal_access_tokens' : `groups/${groupId}/access_tokens`;
}

function managedValue(
  { arn }: RotationRun,
  label: string,
  { state }: Pick<ManagedDeps, 'state'>,
): ManagedValue {
  const { token, tokenId, gitlabUrl, projectId, groupId, ...others } = parse(
    holderOf(state.find(arn), label)?.value?.text,
  );
  const required = { token, tokenId, gitlabUrl };
  const missing = Object.entries(required).find(([, value]) => typeof value !== 'string');
  if (missing) {
    throw new Error(`the value has no field ${missing[0]}`);
  }
  // AWS documents numbers only, where GitLab would take a path, too.
  const ids = Object.entries({ tokenId, projectId, groupId }).filter(([, id]) => id !== undefined);
  const wrong = ids.find(([, id]) => !/^\d+$/.test(String(id)));
  if (wrong) {
    throw new Error(`${wrong[0]} is no number`);
  }
  return { ...others, ...required, ...Object.fromEntries(ids) } as unknown as ManagedValue;
}

function parse(text = ''): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    // Without the cause: it quotes its input, which is a secret.
    throw new Error('the value is no JSON object');
  }
}

async function call(
  { gitlabUrl, token }: ManagedValue,
  method: string,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly id: number; readonly token: string }> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${gitlabUrl}/api/v4/${path}`, { method, headers, signal });
  if (!response.ok) {
    throw new Error(`GitLab answered ${response.status}`);
  }
  return (await response.json()) as { readonly id: number; readonly token: string };
}
