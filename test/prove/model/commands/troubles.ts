import type { Step } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import type { StaleReads } from '../../../../infra/local/secrets-manager/state/state.ts';
import type { FaultEffect } from '../../../../infra/local/server/faults.ts';
import { snsError } from '../../../../infra/local/sns/errors.ts';
import type { Name } from '../world/names.ts';
import { noteStart, type World } from '../world/world.ts';

/**
 * What a trouble can cost at most.
 *
 * - `time`: nothing else; a few of them an attempt, when too little time is left
 * - `attempt`: of one secret that rotates alone; Secrets Manager tries again
 * - `rotation`: all attempts, or the successor
 */
export type Cost = 'time' | 'attempt' | 'rotation';

/** Something that disturbs the next rotation. Its text is how it is named where it is told. */
export interface Trouble {
  readonly text: string;
  readonly costs: Cost;
  /** At most one trouble of a kind disturbs one rotation. @default - any number */
  readonly only?: string;
  /** Consumers may hold a dead token even where the rotation succeeds. @default false */
  readonly mayKill?: boolean;
  /**
   * createSecret may have gone well and seem to have failed. The next attempt, if it cannot read
   * the secret, does not know that there is a successor, and says that nothing happened.
   *
   * @default false
   */
  readonly hidesSuccess?: boolean;
  readonly arrange: (world: World, names: readonly Name[]) => unknown;
}

/** From the nth invocation on, so many reads miss the last writes. */
export function stale(reads: StaleReads, invocation: number): Trouble {
  const { operation, times = 1, writesBehind = 1 } = reads;
  return {
    costs: times > 3 ? 'rotation' : 'time',
    text: `${times} stale ${operation}, ${writesBehind} behind, from invocation ${invocation}`,
    arrange: ({ stage, scenes }) => {
      const { secretId, cleanUps } = scenes.A;
      const { secretsManager } = stage.cloud;
      const run = () => cleanUps.push(secretsManager.staleReads({ ...reads, secretId }));
      const effect: FaultEffect = { kind: 'run', run };
      stage.cloud.lambda.faults.add({ operation: 'Invoke', at: 'before', nth: invocation, effect });
    },
  };
}

/** The result of the nth invocation is lost: Secrets Manager takes it for a failure. */
export function resultLost(invocation: number): Trouble {
  return {
    costs: 'attempt',
    hidesSuccess: true,
    text: `result of invocation ${invocation} lost`,
    arrange: ({ stage }) => {
      const effect: FaultEffect = { kind: 'reset' };
      stage.cloud.lambda.faults.add({ operation: 'Invoke', at: 'after', nth: invocation, effect });
    },
  };
}

/**
 * The nth invocation is made twice, one after the other. Not where two secrets rotate: whose it
 * is could not be told.
 */
export function deliveredTwice(invocation: number): Trouble {
  return {
    costs: 'time',
    text: `invocation ${invocation} delivered twice`,
    arrange: (world, [name, ...others]) => {
      const { faults } = world.stage.cloud.lambda;
      if (name === undefined || others.length > 0) {
        return;
      }
      const run = () => noteStart(world, world.scenes[name].secretId);
      for (const effect of [{ kind: 'run', run }, { kind: 'twice' }] as const) {
        faults.add({ operation: 'Invoke', at: 'after', nth: invocation, effect });
      }
    },
  };
}

/** The topic refuses the next so many alerts. */
export function topicRefuses(times: number): Trouble {
  return {
    costs: 'time',
    text: `the topic refuses ${times} alerts`,
    arrange: ({ stage }) => {
      const answer = snsError(403, 'AuthorizationError', 'not authorized');
      const effect: FaultEffect = { kind: 'answer', answer };
      stage.cloud.sns.faults.add({ operation: 'Publish', at: 'before', times, effect });
    },
  };
}

/** The next invocation of this step is made twice at the same time; of one secret alone, as above. */
export function twiceAtOnce(step: Exclude<Step, 'createSecret'>): Trouble {
  return {
    costs: 'time',
    text: `${step} delivered twice at once`,
    arrange: ({ stage, scenes }, names) => {
      const { lambda, secretsManager } = stage.cloud;
      const stop = secretsManager.onRotation((progress) => {
        if (progress.what === 'step-started' && progress.step === step && names.length === 1) {
          stop();
          lambda.faults.add({ operation: 'Invoke', at: 'before', effect: { kind: 'twice' } });
        }
      });
      scenes.A.cleanUps.push(stop);
    },
  };
}
