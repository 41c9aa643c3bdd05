import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { alertsOf, type Cloud, startCloud } from '../cloud.ts';
import { type GitLab, startGitLab } from '../gitlab/gitlab.ts';
import type { RotationProgress } from '../secrets-manager/rotation/run.ts';
import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import type { StandIn } from '../server/stand-in.ts';
import type { Watcher } from '../show/progress.ts';
import { watchDeadWindow } from './dead-window.ts';
import type { DemoFault } from './demo-faults.ts';
import { createDemoTokens, type DemoTokensProps } from './demo-gitlab.ts';
import type { Report, StepReport } from './report.ts';
import { stateOf } from './secret-state.ts';
import { untoldOf } from './untold.ts';

const SECRET_NAME = 'app/gitlab-token';

/** A GitLab with one project, and its token in a secret. */
export interface Demo extends AsyncDisposable {
  readonly clock: LocalClock;
  readonly cloud: Cloud;
  readonly gitlab: GitLab;
  /** ARN. */
  readonly secretId: string;
  readonly tokenId: number;
}

export interface DemoProps extends Pick<DemoTokensProps, 'recovery' | 'alternating'> {
  readonly fault?: DemoFault;
  /** @default - it is built now */
  readonly bundle?: string;
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
}

/** Starts the four servers and puts the first token where a person would put it. */
export async function startDemo(demoProps: DemoProps = {}): Promise<Demo> {
  const { fault, bundle, clock = MACHINE_CLOCK, ...props } = demoProps;
  await using servers = new AsyncDisposableStack();
  const gitlab = servers.use(await startGitLab({ clock }));
  const { tokenId, secretString, recoverySecretString } = createDemoTokens(gitlab, {
    ...props,
    ...(fault?.scopes && { scopes: fault.scopes }),
  });
  const cloud = servers.use(
    await startCloud({
      gitlabUrl: gitlab.url,
      clock,
      ...(props.alternating && { environment: { ALTERNATING_TOKENS: 'true' } }),
      ...(recoverySecretString !== undefined && { recoverySecretString }),
      ...(bundle !== undefined && { bundle }),
    }),
  );
  const { ARN: secretId = '' } = await cloud.operator.send(
    new CreateSecretCommand({ Name: SECRET_NAME, SecretString: secretString }),
  );
  const running = servers.move();
  return {
    clock,
    cloud,
    gitlab,
    secretId,
    tokenId,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Lets Secrets Manager rotate once, to the end of its retries, and tells what came of it. */
export async function rotateInDemo(
  demo: Demo,
  fault: DemoFault | undefined,
  watcher?: Watcher,
): Promise<Report> {
  const { cloud, gitlab, secretId } = demo;
  const { secretsManager, sns, lambda, operator } = cloud;
  const before = stateOf(demo);
  const deadWindow = watchDeadWindow(demo);
  const steps: StepReport[] = [];
  const stopSteps = secretsManager.onRotation((progress) => {
    noteStep(steps, progress);
    watcher?.onProgress(progress);
  });
  const stopLog = lambda.onLog((line) => watcher?.onLog(line));
  await fault?.arrange(demo);
  const already = secretsManager.calls.length;
  await operator.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 30 },
    }),
  );
  const outcome = await secretsManager.rotationEnded(secretId);
  stopSteps();
  stopLog();
  return {
    outcome: outcome?.kind ?? 'failed',
    attempts: outcome?.attempts ?? 0,
    ...(fault !== undefined && { fault: fault.summary }),
    steps,
    before,
    after: stateOf(demo),
    calls: {
      GitLab: countCalls(gitlab, 0),
      // Without RotateSecret, which was ours.
      'Secrets Manager': countCalls(secretsManager, already + 1),
      SNS: countCalls(sns, 0),
      Lambda: countCalls(lambda, 0),
    },
    deadWindow: deadWindow.measure(),
    alerts: alertsOf(cloud),
    untold: untoldOf(cloud),
  };
}

function noteStep(steps: StepReport[], progress: RotationProgress): void {
  const { attempt } = progress;
  if (progress.what === 'step-succeeded') {
    const { step } = progress;
    steps.push({ attempt, step, succeeded: true, durationMs: Math.round(progress.durationMs) });
  }
  if (progress.what === 'step-failed') {
    const { step, errorMessage } = progress;
    const durationMs = Math.round(progress.durationMs);
    steps.push({ attempt, step, succeeded: false, durationMs, errorMessage });
  }
}

function countCalls({ calls }: StandIn, from: number): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operation } of calls.slice(from)) {
    counts[operation] = (counts[operation] ?? 0) + 1;
  }
  return counts;
}
