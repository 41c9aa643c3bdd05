import { expect, it } from 'vitest';
import type { ResourceChange } from '../../../../infra/app/deployment/changes.ts';
import {
  lossesOf,
  presentLosses,
  presentRefusal,
} from '../../../../infra/app/deployment/refusals.ts';

function deletion(type: string, label: string): ResourceChange {
  return { logicalId: label, type, verb: 'delete', label, before: {}, after: {}, properties: [] };
}

it('thirty losses of a kind are one text with thirty names', () => {
  const names = Array.from({ length: 30 }, (_, index) => `app/${index}`);
  const losses = lossesOf([
    ...names.map((name) => deletion('AWS::SecretsManager::RotationSchedule', name)),
    deletion('AWS::SNS::Subscription', 'ops@acme.dev'),
    deletion('AWS::SecretsManager::RotationSchedule', 'app/last'),
  ]);

  const ended = `The rotation would end: ${names.join(', ')}, app/last. A token that is rotated no more expires.`;
  const deleted = 'The subscription would be deleted: ops@acme.dev. Its owner gets no more alerts.';
  expect(presentLosses(losses)).toBe(`${ended}\n\n${deleted}`);
  expect(presentRefusal(losses).split('\n\n')).toEqual([
    'Not deployed. Nothing was changed.',
    `${ended}\n  Put the secret back into rotation.json as it was.`,
    `${deleted}\n  Put the address back into alertEmails of rotation.json.`,
    'If you want this, deploy again with: npm run deploy -- --allow-replacement',
  ]);
});
