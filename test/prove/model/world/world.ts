import { CancelRotateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { readHeld } from '../../../rig/stage/held.ts';
import { findPoints, type Point } from '../../../rig/stage/points.ts';
import { clearStage, type Scene, type Stage, setScene } from '../../../rig/stage/stage.ts';
import { NAMES, type Name } from './names.ts';
import type { Variant } from './variant.ts';

/** How often Secrets Manager rotates them by itself. */
export const INTERVAL_DAYS = 10;

/** What can be read of the records of the stage, from this world's beginning on. */
export interface World {
  readonly stage: Stage;
  /** The calls of a rotation that nothing disturbs. */
  readonly points: readonly Point[];
  readonly scenes: Readonly<Record<Name, Scene>>;
  /** Where the records of the stage were when this world began. */
  readonly began: Marks;
  /** Each invocation of createSecret: whose, and the number of calls that had come to GitLab. */
  readonly starts: { readonly name: Name; readonly calls: number }[];
  /** Of the tokens that were seen in secrets, by their values: a secret in plain text names none. */
  readonly tokenIds: Map<string, number>;
  /** Of every version that there ever was. */
  readonly versionIds: Set<string>;
  /** Leaves the stage to the next world. */
  end(): Promise<void>;
}

/** How long the records of the stage are. */
export interface Marks {
  readonly tokens: number;
  readonly calls: number;
  readonly invocations: number;
  readonly messages: number;
  readonly logs: number;
}

/** Notes where the records of the stage are now. */
export function marksOf({ gitlab, cloud }: Stage): Marks {
  return {
    tokens: gitlab.tokens.length,
    calls: gitlab.calls.length,
    invocations: cloud.lambda.invocations.length,
    messages: cloud.sns.messages.length,
    logs: cloud.lambda.logs.length,
  };
}

/** The stage, and the calls that a rotation on it makes. */
export interface Ground {
  readonly stage: Stage;
  readonly points: readonly Point[];
}

/** Looks at a new stage before the first world is set on it. */
export async function explore(stage: Stage): Promise<Ground> {
  return { stage, points: await findPoints(stage, 'explored') };
}

/** Two new secrets with a token each, and their rotation configured, not yet begun. */
export async function setWorld({ stage, points }: Ground, { plainText }: Variant): Promise<World> {
  const { cloud, clock } = stage;
  const began = marksOf(stage);
  const number = began.tokens;
  const shapeOf = (name: Name) => (plainText.includes(name) ? 'plain text' : 'JSON');
  // What a process still knows is no part of a sequence.
  cloud.lambda.kill();
  const a = await setScene(stage, `a-${number}`, { shape: shapeOf('A') });
  // They share the list of servers that are down: no server can be taken down twice.
  const b: Scene = {
    ...(await setScene(stage, `b-${number}`, { shape: shapeOf('B') })),
    down: a.down,
  };
  const stop = cloud.secretsManager.onRotation((progress) => {
    world.versionIds.add(progress.versionId);
    if (progress.what === 'step-started' && progress.step === 'createSecret') {
      noteStart(world, progress.secretArn);
    }
  });
  const world: World = {
    stage,
    points,
    scenes: { A: a, B: b },
    began,
    starts: [],
    tokenIds: new Map(),
    versionIds: new Set(),
    async end() {
      stop();
      for (const { secretId: SecretId } of [a, b]) {
        await cloud.operator.send(new CancelRotateSecretCommand({ SecretId }));
      }
    },
  };
  for (const { secretId } of [a, b]) {
    const configure = new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: cloud.lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: INTERVAL_DAYS },
      RotateImmediately: false,
    });
    await cloud.operator.send(configure);
    await clock.during(cloud.secretsManager.rotationEnded(secretId));
  }
  await learnTokenIds(world);
  return world;
}

/** Asks GitLab for the ids of new tokens in the secrets, while no rotation is under way. */
export async function learnTokenIds({ stage, scenes, tokenIds }: World): Promise<void> {
  const { gitlab, cloud } = stage;
  const tokens = Object.values(scenes)
    .flatMap(({ secretId }) => cloud.secretsManager.snapshot(secretId).versions)
    .map(({ value }) => readHeld(value).token);
  for (const token of tokens) {
    if (token !== undefined && !tokenIds.has(token)) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${gitlab.url}/api/v4/version`, { headers });
      await response.arrayBuffer();
      tokenIds.set(token, Number(gitlab.calls.at(-1)?.note?.['tokenId']));
    }
  }
}

/** Notes that createSecret is invoked. */
export function noteStart({ stage, scenes, starts }: World, secretId: string): void {
  const name = NAMES.find((each) => scenes[each].secretId === secretId);
  if (name !== undefined) {
    starts.push({ name, calls: stage.gitlab.calls.length });
  }
}

/** Lets time pass. */
export async function pass({ stage }: World, ms: number): Promise<void> {
  await stage.clock.during(stage.clock.sleep(ms));
}

/** Takes back what was arranged for a rotation. */
export async function clear({ scenes }: World): Promise<void> {
  for (const scene of Object.values(scenes)) {
    await clearStage(scene);
    scene.cleanUps.length = 0;
  }
}
