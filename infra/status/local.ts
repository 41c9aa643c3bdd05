import { LambdaClient } from '@aws-sdk/client-lambda';
import { buildBundle, type Cloud, startCloud } from '../local/cloud/cloud.ts';
import { startGitLab } from '../local/gitlab/gitlab.ts';
import { type Lambda, startLambda } from '../local/lambda/lambda.ts';
import { type LocalClock, MACHINE_CLOCK } from '../local/server/clock.ts';
import type { DeployedWatch } from './ask-watch.ts';
import { createSecrets } from './local-secrets.ts';

export interface LocalWatchProps {
  /** How many secrets there are. */
  readonly count: number;
  /** A bundle that was built before. @default - it is built now */
  readonly bundle?: string;
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
}

/** Starts the local GitLab and AWS with secrets of which some are broken, and the watch beside them. */
export async function startLocalWatch({
  count,
  clock = MACHINE_CLOCK,
  ...props
}: LocalWatchProps): Promise<DeployedWatch> {
  await using servers = new AsyncDisposableStack();
  const bundle = props.bundle ?? buildBundle(servers);
  const late = lateClock(clock);
  const gitlab = servers.use(await startGitLab({ clock }));
  const cloud = servers.use(
    await startCloud({
      gitlabUrl: gitlab.url,
      bundle,
      clock: late.clock,
      // Whatever is broken stays so.
      maxAttempts: 1,
    }),
  );
  const secrets = await createSecrets({ gitlab, cloud, clock, daysAgo: late.daysAgo }, count);
  const lambda = servers.use(await startWatch(cloud, { bundle, clock, gitlabUrl: gitlab.url }));
  const client = clientOf(lambda);
  servers.defer(() => client.destroy());
  const running = servers.move();
  return {
    title: 'Secrets on this machine',
    client,
    functionArn: lambda.functionArn,
    secrets,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The watch with the settings and the time-out of its deployment. */
function startWatch(
  { secretsManager, sns, lambda, topicArn }: Cloud,
  { gitlabUrl, ...props }: { bundle: string; clock: LocalClock; gitlabUrl: string },
): Promise<Lambda> {
  return startLambda({
    ...props,
    handler: 'watch',
    functionName: 'gitlab-token-watch',
    timeoutMs: 900_000,
    environment: {
      GITLAB_URL: gitlabUrl,
      FAILURE_TOPIC_ARN: topicArn,
      TOKEN_LIFETIME_DAYS: '90',
      ROTATION_FUNCTION_ARN: lambda.functionArn,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
      AWS_ENDPOINT_URL_SNS: sns.url,
    },
  });
}

function clientOf({ url, functionArn }: Lambda): LambdaClient {
  const [, , , region = ''] = functionArn.split(':');
  return new LambdaClient({
    region,
    endpoint: url,
    credentials: { accessKeyId: 'AKIDOPERATOR', secretAccessKey: 'unused' },
  });
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A clock that can be put back while something is made that is to be old. */
function lateClock(clock: LocalClock) {
  let lateMs = 0;
  const late: LocalClock = {
    now: () => new Date(clock.now().getTime() - lateMs),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    noteActivity: () => clock.noteActivity(),
    ...(clock.processes && { processes: clock.processes }),
  };
  const daysAgo = async <T>(days: number, work: () => Promise<T>): Promise<T> => {
    lateMs = days * DAY_MS;
    try {
      return await work();
    } finally {
      lateMs = 0;
    }
  };
  return { clock: late, daysAgo };
}
