import { type Lambda, startLambda } from '../../../../infra/local/lambda/lambda.ts';
import type { Report } from '../../../../lambda/watch/run.ts';
import { invocationsOf } from '../../../rig/local/lambda-rig.ts';
import type { Bundles, Stage } from '../../../rig/stage/stage.ts';

/** The watch, as it is deployed beside the rotation. */
export function startWatch({ cloud, gitlab, clock }: Stage, { of }: Bundles): Promise<Lambda> {
  return startLambda({
    bundle: of.ours,
    handler: 'watch',
    functionName: 'gitlab-token-watch',
    clock,
    timeoutMs: 900_000,
    environment: {
      GITLAB_URL: gitlab.url,
      FAILURE_TOPIC_ARN: cloud.topicArn,
      TOKEN_LIFETIME_DAYS: '90',
      ROTATION_FUNCTION_ARN: cloud.lambda.functionArn,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: cloud.secretsManager.url,
      AWS_ENDPOINT_URL_SNS: cloud.sns.url,
    },
  });
}

/** Where the watch runs, and the secret that it looks at. */
interface Watched extends Pick<Stage, 'clock'> {
  readonly watch: Lambda;
  readonly secretId: string;
}

/** Time stands still while the event, or the report, is on its way. */
export async function runWatch({ watch, clock, secretId }: Watched): Promise<Report> {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const report = invoke(watch, secretId, { onArrival: arrive, onEnd: () => clock.still(report) });
  await clock.still(arrived);
  return await report;
}

async function invoke(
  { faults, url, functionArn }: Lambda,
  secretId: string,
  { onArrival, onEnd }: { readonly onArrival: () => void; readonly onEnd: () => unknown },
): Promise<Report> {
  const run = (work: () => unknown) => ({ kind: 'run', run: () => void work() }) as const;
  faults.add({ operation: 'Invoke', at: 'before', effect: run(onArrival) });
  faults.add({ operation: 'Invoke', at: 'after', effect: run(onEnd) });
  const response = await fetch(`${url}${invocationsOf(functionArn)}`, {
    method: 'POST',
    body: JSON.stringify({ secrets: [secretId] }),
    headers: { connection: 'close' },
  });
  const report: Report = JSON.parse(await response.text());
  if (!Array.isArray(report.secrets)) {
    throw new Error(`the watch failed: ${JSON.stringify(report)}`);
  }
  return report;
}
