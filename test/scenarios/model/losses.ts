import type { TokenRecord } from '../../../infra/local/gitlab/gitlab.ts';
import type { SnsMessage } from '../../../infra/local/sns/message.ts';
import { holderOf, tokensOf, versionsOf } from './looks.ts';
import type { Model } from './model.ts';
import { isFailure, refusedAlerts } from './telling.ts';
import { NAMES, type Name, type World } from './world.ts';

/** An alert can come first: GitLab may carry a request out after we gave up on it. */
const EARLY_MS = 120_000;

/**
 * What may never be true of losses: **none is silent**. Where a rotation has killed the token that
 * consumers hold, or a living successor is in no version of the secret, an alert has said of this
 * secret that consumers are at risk, or that nobody knows. Except where nobody could have spoken:
 * the function was killed, its time was up, the topic refused; where AWS ended the rotation for what
 * others did, which AWS tells itself; and where the result of createSecret was lost.
 *
 * @returns what is wrong, in words
 */
export function silentLosses(model: Model, world: World): readonly string[] {
  return NAMES.flatMap((name) =>
    lossesOf(world, name)
      .filter(({ since }) => since.getTime() > model[name].untoldUntil)
      .filter(({ since }) => !wasTold(world, name, since.getTime() - EARLY_MS))
      .map(({ what }) => `${name}: ${what}, and nobody was told`),
  );
}

function lossesOf(world: World, name: Name) {
  const tokens = tokensOf(world, name);
  const held = versionsOf(world, name).map(({ tokenId }) => tokenId);
  const current = holderOf(world, name, 'AWSCURRENT')?.tokenId;
  const isOrphan = ({ id, active, predecessorId }: TokenRecord) =>
    active && predecessorId !== undefined && !held.includes(id);
  const successor = tokens.find(({ predecessorId }) => predecessorId === current);
  return [
    ...(successor
      ? [{ what: 'a rotation killed the current token', since: successor.createdAt }]
      : []),
    ...tokens
      .filter(isOrphan)
      .map(({ id, createdAt }) => ({ what: `token ${id} is lost`, since: createdAt })),
  ];
}

function wasTold(world: World, name: Name, since: number): boolean {
  const { sns, lambda } = world.stage.cloud;
  const alerts = sns.messages.slice(world.began.messages).filter(isFailure);
  const isWord = (message: SnsMessage) =>
    message.at.getTime() >= since &&
    message.attributes['risk']?.value !== 'none' &&
    message.textFor('https').includes(world.scenes[name].secretId);
  const wasSilenced = lambda.invocations
    .slice(world.began.invocations)
    .filter(({ startedAt }) => startedAt.getTime() >= since)
    .some(
      ({ outcome, requestId }) =>
        outcome === 'timeout' || outcome === 'failure' || refusedAlerts(world).includes(requestId),
    );
  return wasSilenced || alerts.some(isWord);
}
