import type { TokenRecord } from '../../../../infra/local/gitlab/gitlab.ts';
import type { SnsMessage } from '../../../../infra/local/sns/message.ts';
import { heldIds, holderOf, tokensOf } from '../world/looks.ts';
import type { Model } from '../world/model.ts';
import { NAMES, type Name } from '../world/names.ts';
import type { World } from '../world/world.ts';
import { invocationsOf } from './invocations.ts';
import { isFailure, refusedAlerts } from './telling.ts';

/** An alert can come first: GitLab may carry a request out after we gave up on it. */
const EARLY_MS = 120_000;

/**
 * What may never be true of losses: **none is silent**. Where a rotation has killed the token that
 * consumers hold, or an active successor is in no version of the secret, an alert has said of this
 * secret that consumers are at risk, or that nobody knows. Except where nobody could have spoken: of
 * this rotation of this secret an invocation was killed, or its time was up, or the topic refused
 * its alert; where AWS ended the rotation for what others did, which AWS tells itself; and where the
 * result of createSecret was lost.
 *
 * @returns what is wrong, in words
 */
export function silentLosses(model: Model, world: World): readonly string[] {
  return NAMES.flatMap((name) =>
    lossesOf(world, name)
      .filter(({ since }) => since > model[name].untoldUntil)
      .filter(({ since }) => !wasTold(world, name, since))
      .map(({ what }) => `${name}: ${what}, and nobody was told`),
  );
}

/** @returns what was lost, and since when, in milliseconds */
function lossesOf(world: World, name: Name) {
  const tokens = tokensOf(world, name);
  const held = heldIds(world, name);
  const current = holderOf(world, name, 'AWSCURRENT')?.tokenId;
  const isOrphan = ({ id, active, predecessorId }: TokenRecord) =>
    active && predecessorId !== undefined && !held.includes(id);
  const successor = tokens.find(({ predecessorId }) => predecessorId === current);
  const loss = (what: string, { createdAt }: TokenRecord) => ({ what, since: createdAt.getTime() });
  return [
    ...(successor ? [loss('a rotation killed the current token', successor)] : []),
    ...tokens.filter(isOrphan).map((token) => loss(`token ${token.id} is lost`, token)),
  ];
}

function wasTold(world: World, name: Name, since: number): boolean {
  const { sns } = world.stage.cloud;
  const alerts = sns.messages
    .slice(world.began.messages)
    .filter(isFailure)
    .filter(({ textFor }) => textFor('https').includes(world.scenes[name].secretId))
    .filter(({ at }) => at.getTime() >= since - EARLY_MS);
  return alerts.some(tellsLoss) || wasSilenced(world, name, since);
}

/** By the name where it is, or may be, the standby's successor: that puts nobody at risk at once. */
const OF_THE_STANDBY: readonly unknown[] = [
  'STANDBY_LOST',
  'STANDBY_DEAD',
  'ROTATION_OUTCOME_UNKNOWN',
];

function tellsLoss({ attributes }: SnsMessage): boolean {
  return attributes['risk']?.value !== 'none' || OF_THE_STANDBY.includes(attributes['code']?.value);
}

/** Whether an invocation of the rotation that lost it could not speak. */
function wasSilenced(world: World, name: Name, since: number): boolean {
  const refused = refusedAlerts(world);
  const invocations = invocationsOf(world, name).filter(
    ({ startedAt }) => startedAt.getTime() >= since - EARLY_MS,
  );
  const rotations = invocations
    .filter(({ step, startedAt }) => step === 'createSecret' && startedAt.getTime() <= since)
    .map(({ versionId }) => versionId);
  return invocations.some(
    ({ versionId, outcome, requestId }) =>
      rotations.includes(versionId) &&
      (outcome === 'timeout' || outcome === 'failure' || refused.includes(requestId)),
  );
}
