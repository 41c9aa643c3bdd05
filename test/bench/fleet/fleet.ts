import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { RotationOutcome } from '../../../infra/local/secrets-manager/rotation/run.ts';
import { readHeld } from '../../rig/stage/held.ts';
import { limitRate } from '../../rig/stage/limited-rate.ts';
import type { SetupName } from '../../rig/stage/setups.ts';
import {
  type Bundles,
  type Scene,
  type Stage,
  setScene,
  startStage,
} from '../../rig/stage/stage.ts';
import { type Spread, spreadOf } from '../samples/spread.ts';
import { addFaults } from './chance-faults.ts';

/**
 * Rotations that Secrets Manager begins at the same moment, a minute after those before them. Each asks
 * GitLab four times: without faults, GitLab has a sixth of its rate left.
 */
const AT_ONCE = 25;
const MINUTE_MS = 60_000;
/** Of GitLab, for all tokens together. Its own limits are for each user, and off at first. */
const PER_MINUTE = 120;
/** As long as Secrets Manager takes to begin a step, and to answer. */
const STEP_MS = 1000;
const STORE_MS = 20;
const FAULTY = 0.01;
/** No operation is called more often, not even where a search repeats it. */
const CALLS_PER_SECRET = 12;

export interface FleetProps {
  readonly secrets: number;
  /** Another seed, other faults. */
  readonly seed: number;
  readonly bundles: Bundles;
  /** @default - with the recovery credential, without which a lost answer costs the token */
  readonly setup?: SetupName;
}

/** What became of a fleet. */
export interface Fleet {
  readonly secrets: number;
  /** Their rotation succeeded, and their new token is active. */
  readonly rotated: number;
  /** Their token in `AWSCURRENT` is revoked. */
  readonly lost: number;
  /** Rotations that needed more than one attempt. */
  readonly retried: number;
  /** Tokens that the recovery credential brought back. */
  readonly healed: number;
  /** Requests that GitLab refused, because they were too many. */
  readonly refused: number;
  readonly mostInstances: number;
  /** To both services. */
  readonly callsPerSecret: number;
  /** From the first step of a rotation to its end, in seconds. */
  readonly seconds: Spread & { readonly longest: number };
}

/**
 * Rotates secrets that are due at the same hour, many at once, by as many instances as it takes. GitLab
 * limits the rate, and one call in a hundred goes wrong, by chance.
 */
export async function rotateFleet({
  secrets,
  seed,
  bundles,
  setup = 'one token, recovery',
}: FleetProps): Promise<Fleet> {
  await using stage = await startStage(setup, bundles);
  const { clock, cloud } = stage;
  const scenes: Scene[] = [];
  for (let index = 1; index <= secrets; index += 1) {
    scenes.push(await setScene(stage, `app-${index}`));
  }
  const instances = slowDown(stage);
  const load = limitRate(stage, PER_MINUTE);
  addFaults(stage, { share: FAULTY, seed, calls: secrets * CALLS_PER_SECRET });
  const seconds = timeRotations(stage);
  const calls = callsOf(stage);
  const outcomes = await clock.during(Promise.all(scenes.map(rotateInTurn)));
  return {
    ...resultOf(scenes, outcomes),
    healed: cloud.sns.messages.filter(({ subject }) => subject?.includes('HEALED')).length,
    refused: load.refused,
    mostInstances: instances.most,
    callsPerSecret: (callsOf(stage) - calls) / secrets,
    seconds: { ...spreadOf(seconds), longest: Math.max(...seconds) },
  };
}

/** Begins when it is the turn of this secret. */
async function rotateInTurn({ stage, secretId }: Scene, index: number) {
  const { operator, lambda, secretsManager } = stage.cloud;
  await stage.clock.sleep(Math.floor(index / AT_ONCE) * MINUTE_MS);
  const input = { SecretId: secretId, RotationLambdaARN: lambda.functionArn };
  await operator.send(new RotateSecretCommand(input));
  return secretsManager.rotationEnded(secretId);
}

function resultOf(scenes: readonly Scene[], outcomes: readonly (RotationOutcome | undefined)[]) {
  const isActive = ({ stage, secretId }: Scene) => {
    const { token = '' } = readHeld(stage.cloud.secretsManager.valueOf(secretId, 'AWSCURRENT'));
    return stage.gitlab.isActive(token);
  };
  const active = scenes.map(isActive);
  return {
    secrets: scenes.length,
    rotated: outcomes.filter((outcome, index) => outcome?.kind === 'succeeded' && active[index])
      .length,
    lost: active.filter((each) => !each).length,
    retried: outcomes.filter((outcome) => (outcome?.attempts ?? 0) > 1).length,
  };
}

/** As on AWS. @returns counts the instances that run at once */
function slowDown({ cloud: { lambda, secretsManager } }: Stage) {
  const instances = { now: 0, most: 0 };
  const always = { times: Number.POSITIVE_INFINITY };
  const invocation = { ...always, operation: 'Invoke' } as const;
  const begin = () => {
    instances.now += 1;
    instances.most = Math.max(instances.most, instances.now);
  };
  const end = () => {
    instances.now -= 1;
  };
  lambda.faults.add({ ...invocation, at: 'before', effect: { kind: 'delay', ms: STEP_MS } });
  lambda.faults.add({ ...invocation, at: 'before', effect: { kind: 'run', run: begin } });
  lambda.faults.add({ ...invocation, at: 'after', effect: { kind: 'run', run: end } });
  const slow = { kind: 'delay', ms: STORE_MS } as const;
  secretsManager.faults.add({ ...always, operation: '*', at: 'after', effect: slow });
  return instances;
}

/** @returns the seconds of each rotation that has ended */
function timeRotations({ cloud: { secretsManager } }: Stage): readonly number[] {
  const begun = new Map<string, number>();
  const seconds: number[] = [];
  secretsManager.onRotation(({ secretArn, what, at }) => {
    const began = begun.get(secretArn) ?? at.getTime();
    begun.set(secretArn, began);
    if (what === 'ended') {
      seconds.push((at.getTime() - began) / 1000);
    }
  });
  return seconds;
}

function callsOf({ gitlab, cloud: { secretsManager } }: Stage): number {
  const ofFunction = secretsManager.calls.filter(({ operation }) => operation !== 'RotateSecret');
  return gitlab.calls.length + ofFunction.length;
}
