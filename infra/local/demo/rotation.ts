import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { alertsOf } from '../cloud/cloud.ts';
import type { LogLine } from '../lambda/log.ts';
import type { RotationOutcome, RotationProgress } from '../secrets-manager/rotation/run.ts';
import type { StandIn } from '../server/stand-in.ts';
import { alertDeliveryOf } from './alert-delivery.ts';
import type { Demo } from './demo.ts';
import type { DemoFault } from './demo-faults.ts';
import { endingOf, expectedEnding } from './ending.ts';
import { watchInactiveWindow } from './inactive-window.ts';
import type { DemoReport, StepReport } from './report.ts';
import { secretStateOf } from './secret-state.ts';

/** Follows a rotation while it runs. */
export interface Watcher {
  onProgress(progress: RotationProgress): void;
  /** Of the function's log. */
  onLog(line: LogLine): void;
}

/** Lets Secrets Manager rotate once, to the end of its retries. */
export async function rotateInDemo(
  demo: Demo,
  fault: DemoFault | undefined,
  watcher?: Watcher,
): Promise<DemoReport> {
  const { cloud, gitlab } = demo;
  const { secretsManager, sns, lambda } = cloud;
  const before = secretStateOf(demo);
  const inactiveWindow = watchInactiveWindow(demo);
  const steps: StepReport[] = [];
  const stopSteps = secretsManager.onRotation((progress) => {
    noteStep(steps, progress);
    watcher?.onProgress(progress);
  });
  const stopLog = lambda.onLog((line) => watcher?.onLog(line));
  await fault?.arrange(demo);
  const already = secretsManager.calls.length;
  const outcome = await rotateSecret(demo);
  stopSteps();
  stopLog();
  const kind = outcome?.kind ?? 'failed';
  const after = secretStateOf(demo);
  const precautions = {
    recovery: cloud.recoverySecretId !== undefined,
    alternating: before.labels.some(({ standby }) => standby !== undefined),
  };
  return {
    outcome: kind,
    ending: endingOf(kind, after),
    expectedEnding: expectedEnding(fault, precautions),
    attempts: outcome?.attempts ?? 0,
    ...(fault !== undefined && { fault: fault.summary }),
    steps,
    before,
    after,
    calls: {
      GitLab: countCalls(gitlab, 0),
      // RotateSecret was the operator's.
      'Secrets Manager': countCalls(secretsManager, already + 1),
      SNS: countCalls(sns, 0),
      Lambda: countCalls(lambda, 0),
    },
    inactiveWindow: inactiveWindow.measure(),
    alerts: alertsOf(cloud),
    alertDelivery: alertDeliveryOf(cloud),
  };
}

async function rotateSecret({ cloud, secretId }: Demo): Promise<RotationOutcome | undefined> {
  const { secretsManager, lambda, operator } = cloud;
  await operator.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 30 },
    }),
  );
  return await secretsManager.rotationEnded(secretId);
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
