import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { bundleLambda } from '../../../infra/build/bundle.ts';
import { type Cloud, type CloudProps, startCloud } from '../../../infra/local/cloud/cloud.ts';
import { createTemporaryFolder } from '../../../infra/local/cloud/temporary-folder.ts';
import { recoveryCredential } from '../../../infra/local/demo/recovery-credential.ts';
import { type GitLab, startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import type { Project } from '../../../infra/local/gitlab/state/model.ts';
import type { RotationOutcome } from '../../../infra/local/secrets-manager/rotation/run.ts';
import type { StandIn } from '../../../infra/local/server/stand-in.ts';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import { type Shape, secretStringFor } from './held.ts';
import { ENTRIES, type Rotator, SETUPS, type Setup, type SetupName } from './setups.ts';

/** AWS does not publish how often it tries a rotation; three times is what our stand-in does. */
const MAX_ATTEMPTS = 3;
/** Where all projects are. */
const GROUP = 'group';
/** Nor how long it waits in between. */
const RETRY_DELAY_MS = 60_000;

/** Both sides of a rotation on this machine, with the function in a process of its own. */
export interface Stage extends AsyncDisposable {
  readonly setup: Setup;
  readonly clock: SimulatedClock;
  readonly gitlab: GitLab;
  readonly cloud: Cloud;
}

/** One secret on the stage, with a token of a project of its own. */
export interface Scene {
  readonly stage: Stage;
  /** ARN. */
  readonly secretId: string;
  readonly project: Project;
  readonly shape: Shape;
  /** Of the token that the secret holds at the beginning. */
  readonly tokenId: number;
  /** Of its standby, where the setup has one. */
  readonly standbyId?: number;
  /** Servers that were taken down for this scene. */
  readonly down: Set<StandIn>;
  /** Rotate requests that something between has sent a second time: whether the credential was dead. */
  readonly repeats: { readonly dead: boolean }[];
  /** What takes back the rest of what was arranged. */
  readonly cleanUps: (() => void)[];
  /** Starts a rotation and plays it, Secrets Manager's own retries included, to its end. */
  rotate(): Promise<RotationOutcome>;
}

/** Where the bundles of the rotators lie. */
export interface Bundles {
  readonly of: Readonly<Record<Rotator, string>>;
}

/** Builds what is deployed, and the textbook's in the same way. */
export function buildBundles(): Bundles & Disposable {
  const folder = createTemporaryFolder('matrix-');
  const build = (rotator: Rotator) => {
    bundleLambda(join(folder.path, rotator), ENTRIES[rotator]);
    return join(folder.path, rotator, 'index.cjs');
  };
  return {
    of: { ours: build('ours'), textbook: build('textbook') },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

export interface StageProps {
  readonly clock?: SimulatedClock;
  /** What AWS does otherwise. */
  readonly aws?: CloudProps['aws'];
}

/** Starts the servers around a rotator, on a clock of their own. */
export async function startStage(
  name: SetupName,
  bundles: Bundles,
  { clock = new SimulatedClock(), aws = {} }: StageProps = {},
): Promise<Stage> {
  await using servers = new AsyncDisposableStack();
  const setup: Setup = SETUPS[name];
  const gitlab = servers.use(await startGitLab({ clock }));
  const cloud = servers.use(
    await startCloud({
      gitlabUrl: gitlab.url,
      clock,
      bundle: bundles.of[setup.rotator],
      aws,
      maxAttempts: MAX_ATTEMPTS,
      retryDelayMs: RETRY_DELAY_MS,
      ...(setup.recovery && {
        // Of every project below the group, and for ever.
        recoverySecretString: recoveryCredential(gitlab, gitlab.addGroup({ path: GROUP }), null),
      }),
    }),
  );
  const running = servers.move();
  return { setup, clock, gitlab, cloud, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** What a new secret is like. */
export interface SceneProps {
  /** Of its token. @default self_rotate */
  readonly scopes?: readonly string[] | undefined;
  /** @default 'JSON' */
  readonly shape?: Shape;
}

/** Puts a new token into a new secret. */
export async function setScene(
  stage: Stage,
  name: string,
  { scopes = ['self_rotate'], shape = 'JSON' }: SceneProps = {},
): Promise<Scene> {
  const { gitlab, cloud, clock } = stage;
  const { operator, secretsManager, lambda } = cloud;
  const project = gitlab.addProject({ path: `${GROUP}/${name}` });
  const create = () => gitlab.createAccessToken({ resource: project, scopes });
  const created = create();
  const second = stage.setup.alternating ? create() : undefined;
  const standby = second && { token: second.token, tokenId: second.id };
  const secretString = secretStringFor(shape, project, created, standby);
  const { ARN: secretId = '' } = await operator.send(
    new CreateSecretCommand({ Name: name, SecretString: secretString }),
  );
  const rotate = async () => {
    await operator.send(
      new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: lambda.functionArn }),
    );
    const outcome = await secretsManager.rotationEnded(secretId);
    if (outcome === undefined) {
      throw new Error('Secrets Manager began no rotation');
    }
    return outcome;
  };
  return {
    stage,
    secretId,
    project,
    shape,
    tokenId: created.id,
    ...(second && { standbyId: second.id }),
    down: new Set(),
    repeats: [],
    cleanUps: [],
    rotate: () => clock.during(rotate()),
  };
}

/** Lets a server refuse connections. */
export function takeDown({ down }: Scene, server: StandIn): void {
  if (!down.has(server)) {
    down.add(server);
    server.pause();
  }
}

/** Lets it take them again, if it was taken down for this scene. */
export async function bringUp({ down }: Scene, server: StandIn): Promise<void> {
  if (down.delete(server)) {
    await server.resume();
  }
}

/** Mends all that was arranged for a scene, so that the next can be set. */
export async function clearStage(scene: Scene): Promise<void> {
  const { gitlab, cloud } = scene.stage;
  for (const server of [gitlab, cloud.secretsManager, cloud.sns, cloud.lambda]) {
    server.faults.clear();
    await bringUp(scene, server);
  }
  for (const cleanUp of scene.cleanUps) {
    cleanUp();
  }
}
