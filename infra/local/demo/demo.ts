import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { type Cloud, startCloud } from '../cloud/cloud.ts';
import { type GitLab, startGitLab } from '../gitlab/gitlab.ts';
import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { createDemoTokens, type DemoTokensProps } from './demo-gitlab.ts';

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

export interface DemoProps extends DemoTokensProps {
  /** @default - it is built now */
  readonly bundle?: string;
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
}

/** Starts the four servers and puts the first token where a person would put it. */
export async function startDemo(demoProps: DemoProps = {}): Promise<Demo> {
  const { bundle, clock = MACHINE_CLOCK, ...props } = demoProps;
  await using servers = new AsyncDisposableStack();
  const gitlab = servers.use(await startGitLab({ clock }));
  const { tokenId, secretString, recoverySecretString } = createDemoTokens(gitlab, props);
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
