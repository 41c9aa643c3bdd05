import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { bundleLambda, LAMBDA_FOLDER } from '../../../infra/bundling.ts';
import { type Cloud, startCloud } from '../../../infra/local/cloud.ts';
import { type GitLab, startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import type { Project } from '../../../infra/local/gitlab/model.ts';
import type { RotationOutcome } from '../../../infra/local/secrets-manager/rotation-run.ts';
import { SimulatedClock } from '../../../infra/local/simulated-clock.ts';
import type { StandIn } from '../../../infra/local/stand-in.ts';

/** Whose code rotates. */
export type Rotator = 'ours' | 'textbook';

const ENTRIES: Readonly<Record<Rotator, string>> = {
  ours: join(LAMBDA_FOLDER, 'index.ts'),
  textbook: join(import.meta.dirname, 'textbook-rotator.ts'),
};

/** AWS does not publish how often it tries a rotation; three times is what our stand-in does. */
const MAX_ATTEMPTS = 3;
/** Nor how long it waits in between. */
const RETRY_DELAY_MS = 60_000;

/** Both sides of a rotation on this machine, with the function in a process of its own. */
export interface Stage extends AsyncDisposable {
  readonly rotator: Rotator;
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
  /** Of the token that the secret holds at the beginning. */
  readonly tokenId: number;
  /** Servers that were taken down for this scene. */
  readonly down: Set<StandIn>;
  /** What takes back the rest of what was arranged. */
  readonly cleanUps: (() => void)[];
  /** Starts a rotation and plays it, Secrets Manager's own retries included, to its end. */
  rotate(): Promise<RotationOutcome>;
}

/** Where the bundles of the rotators lie, built once. */
export interface Bundles extends Disposable {
  readonly of: Readonly<Record<Rotator, string>>;
}

/** Builds what is deployed, and the textbook's in the same way. */
export function buildBundles(): Bundles {
  const folder = mkdtempSync(join(tmpdir(), 'survival-'));
  const build = (rotator: Rotator) => {
    bundleLambda(join(folder, rotator), ENTRIES[rotator]);
    return join(folder, rotator, 'index.mjs');
  };
  return {
    of: { ours: build('ours'), textbook: build('textbook') },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Starts the servers around a rotator, on a clock of their own. */
export async function startStage(
  rotator: Rotator,
  bundles: Bundles,
  clock = new SimulatedClock(),
): Promise<Stage> {
  await using servers = new AsyncDisposableStack();
  const gitlab = servers.use(await startGitLab({ clock }));
  const cloud = servers.use(
    await startCloud({
      gitlabUrl: gitlab.url,
      clock,
      bundle: bundles.of[rotator],
      maxAttempts: MAX_ATTEMPTS,
      retryDelayMs: RETRY_DELAY_MS,
    }),
  );
  const running = servers.move();
  return { rotator, clock, gitlab, cloud, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Puts a new token into a new secret. */
export async function setScene(
  stage: Stage,
  name: string,
  scopes: readonly string[] = ['self_rotate'],
): Promise<Scene> {
  const { gitlab, cloud, clock } = stage;
  const { operator, secretsManager, lambda } = cloud;
  const project = gitlab.addProject({ path: `group/${name}` });
  const { id: tokenId, token } = gitlab.createAccessToken({ resource: project, scopes });
  const secretString = JSON.stringify({ token, tokenId: String(tokenId), projectId: project.path });
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
    tokenId,
    down: new Set(),
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
