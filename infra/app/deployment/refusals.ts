import type { ResourceChange } from './changes.ts';

/** What is lost, and what to do about it. */
interface Loss {
  readonly what: string;
  readonly why: string;
  readonly instead: string;
}

type LossOf = (change: ResourceChange, name: string) => Loss;

const SCHEDULE: LossOf = ({ verb, before, after }, name) =>
  verb === 'replace'
    ? {
        what: `The rotation schedule of ${name} would be replaced${difference(before['SecretId'], after['SecretId'])}.`,
        why: 'CloudFormation creates the new schedule first and then removes the old one, which switches rotation off.',
        instead: `Name the secret as before in rotation.json.`,
      }
    : {
        what: `The rotation of ${name} would end.`,
        why: 'Its token is rotated no more, and expires.',
        instead: 'Put the secret back into rotation.json as it was.',
      };

const SECRET: LossOf = ({ verb }, name) => ({
  what: `The secret ${name} would be ${verb === 'replace' ? 'replaced by an empty one' : 'deleted'}.`,
  why: 'Consumers lose the token, of which the secret has the only copy.',
  instead: 'Put the secret back into rotation.json as it was.',
});

const SUBSCRIPTION: LossOf = ({ verb }, name) =>
  verb === 'replace'
    ? {
        what: `The subscription of ${name} would be replaced.`,
        why: 'It must be confirmed again by the link in a new mail. Until then its owner gets no alerts.',
        instead: 'Put alertEmails and failureTopic back into rotation.json as they were.',
      }
    : {
        what: `The subscription of ${name} would be deleted.`,
        why: 'Its owner gets no more alerts.',
        instead: 'Put the address back into alertEmails of rotation.json.',
      };

const TOPIC: LossOf = ({ verb }) => ({
  what: `The topic of the alerts would be ${verb === 'replace' ? 'replaced' : 'deleted'}.`,
  why: 'All its subscriptions end, also those that were made by hand: nobody gets alerts until new ones are confirmed.',
  instead: 'Put failureTopic back into rotation.json as it was.',
});

const LOSSES: Readonly<Record<string, LossOf>> = {
  'AWS::SecretsManager::RotationSchedule': SCHEDULE,
  'AWS::SecretsManager::Secret': SECRET,
  'AWS::SNS::Subscription': SUBSCRIPTION,
  'AWS::SNS::Topic': TOPIC,
};

/**
 * Changes that a deployment must not make by accident: each in three sentences. A secret that stays
 * without its stack is none of them.
 */
export function lossesOf(changes: readonly ResourceChange[]): readonly Loss[] {
  return changes.flatMap((change) => {
    const { type, verb, label, logicalId } = change;
    const isLoss = verb === 'replace' || verb === 'delete';
    return isLoss && LOSSES[type] ? [LOSSES[type](change, label ?? logicalId)] : [];
  });
}

/** Why nothing was deployed. */
export function presentRefusal(losses: readonly Loss[]): string {
  return [
    'Not deployed. Nothing was changed.',
    ...losses.map(({ what, why, instead }) => `${what} ${why}\n  ${instead}`),
    'If you want this, deploy again with: npm run deploy -- --allow-replacement',
  ].join('\n\n');
}

function difference(before: unknown, after: unknown): string {
  return typeof before === 'string' && typeof after === 'string' && before !== after
    ? `: its secret would be ${after} instead of ${before}`
    : '';
}
