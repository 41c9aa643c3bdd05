import type { ResourceChange } from './changes.ts';

/** A resource that is lost, and what to do about it. All texts but the name are those of its kind. */
interface Loss {
  /** Precedes the names. */
  readonly what: string;
  readonly name: string;
  readonly why: string;
  readonly instead: string;
}

type LossOf = (change: ResourceChange, name: string) => Loss;

const SCHEDULE: LossOf = ({ verb, before, after }, name) =>
  verb === 'replace'
    ? {
        what: 'The rotation schedule would be replaced',
        name: `${name}${difference(before['SecretId'], after['SecretId'])}`,
        why: 'CloudFormation creates the new schedule first and then removes the old one, which switches rotation off.',
        instead: 'Name the secret as before in rotation.json.',
      }
    : {
        what: 'The rotation would end',
        name,
        why: 'A token that is rotated no more expires.',
        instead: 'Put the secret back into rotation.json as it was.',
      };

const SECRET: LossOf = ({ verb }, name) => ({
  what: `The secret would be ${verb === 'replace' ? 'replaced by an empty one' : 'deleted'}`,
  name,
  why: 'Consumers lose the token, of which the secret has the only copy.',
  instead: 'Put the secret back into rotation.json as it was.',
});

const SUBSCRIPTION: LossOf = ({ verb }, name) =>
  verb === 'replace'
    ? {
        what: 'The subscription would be replaced',
        name,
        why: 'It must be confirmed again by the link in a new mail. Until then its owner gets no alerts.',
        instead: 'Put alertEmails and failureTopic back into rotation.json as they were.',
      }
    : {
        what: 'The subscription would be deleted',
        name,
        why: 'Its owner gets no more alerts.',
        instead: 'Put the address back into alertEmails of rotation.json.',
      };

const TOPIC: LossOf = ({ verb }, name) => ({
  what: `The topic of the alerts would be ${verb === 'replace' ? 'replaced' : 'deleted'}`,
  name,
  why: 'All its subscriptions end, also those that were made by hand: nobody gets alerts until new ones are confirmed.',
  instead: 'Put failureTopic back into rotation.json as it was.',
});

const LOSSES: Readonly<Record<string, LossOf>> = {
  'AWS::SecretsManager::RotationSchedule': SCHEDULE,
  'AWS::SecretsManager::Secret': SECRET,
  'AWS::SNS::Subscription': SUBSCRIPTION,
  'AWS::SNS::Topic': TOPIC,
};

/** Changes that a deployment must not make by accident. A secret that stays without its stack is none of them. */
export function lossesOf(changes: readonly ResourceChange[]): readonly Loss[] {
  return changes.flatMap((change) => {
    const { type, verb, label, logicalId } = change;
    const isLoss = verb === 'replace' || verb === 'delete';
    return isLoss && LOSSES[type] ? [LOSSES[type](change, label ?? logicalId)] : [];
  });
}

export const NOT_DEPLOYED = 'Not deployed. Nothing was changed.';

/** Why nothing was deployed, and what to do. */
export function presentRefusal(losses: readonly Loss[]): string {
  return [
    NOT_DEPLOYED,
    ...ofEachKind(losses, ({ instead }, text) => `${text}\n  ${instead}`),
    'If you want this, deploy again with: npm run deploy -- --allow-replacement',
  ].join('\n\n');
}

/** What is lost, and what follows from it. */
export function presentLosses(losses: readonly Loss[]): string {
  return ofEachKind(losses, (_, text) => text).join('\n\n');
}

/** One text for each kind of loss, however many there are. */
function ofEachKind(
  losses: readonly Loss[],
  present: (loss: Loss, text: string) => string,
): readonly string[] {
  return [...Map.groupBy(losses, ({ what }) => what).values()].flatMap((ofKind) => {
    const names = ofKind.map(({ name }) => name).join(', ');
    return ofKind.slice(0, 1).map((loss) => present(loss, `${loss.what}: ${names}. ${loss.why}`));
  });
}

function difference(before: unknown, after: unknown): string {
  return typeof before === 'string' && typeof after === 'string' && before !== after
    ? ` (its secret would be ${after})`
    : '';
}
