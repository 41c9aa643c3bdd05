import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { RotationSettings } from '../../../../infra/app/settings/schema.ts';
import type { Template } from './cloudformation.ts';
import { deployment, settings, synthesised } from './rig.ts';

const TWO = settings(['app/a', 'app/b']);
const { template } = synthesised(TWO);

/** The template with other properties in its resource of a type, as an earlier version might have made it. */
function withProperties(type: string, properties: object): Template {
  const Resources = Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => [
      id,
      resource.Type === type
        ? { ...resource, Properties: { ...resource.Properties, ...properties } }
        : resource,
    ]),
  );
  return { ...template, Resources };
}

describe('a deployment', () => {
  it('creates the stack, and says whose mail must be confirmed', async () => {
    const { stack, output, actions, newAddresses } = await deployment(undefined, TWO);

    expect(stack).toEqual({
      region: 'eu-west-1',
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:rotation',
      topicArn: 'arn:aws:sns:eu-west-1:123456789012:alerts',
    });
    expect(output).toContain(
      'Stack GitLabTokenRotation in 123456789012/eu-west-1 (new)\nChanges:\n',
    );
    expect(output).toContain('  create  2 rotation schedules app/a, app/b\n');
    expect(output).toContain('  create  subscription ops@acme.dev\n');
    expect(actions).toContain('ExecuteChangeSet');
    expect(newAddresses).toEqual(['ops@acme.dev']);
  });

  it.each<[string, RotationSettings, string]>([
    [
      'adds a secret, wherever it stands',
      settings(['app/0', 'app/a', 'app/b']),
      '  create  rotation schedule app/0\n',
    ],
    [
      'changes a schedule',
      { ...TWO, schedule: 'cron(0 1 ? * SUN *)' },
      [
        '  update  2 rotation schedules app/a, app/b',
        '      RotationRules.ScheduleExpression: rate(30 days) → cron(0 1 ? * SUN *)\n',
      ].join('\n'),
    ],
    [
      'changes settings of the function',
      {
        ...TWO,
        memorySize: 512,
        tokenLifetimeDays: 60,
        secrets: [
          { name: 'app/a', create: true },
          { name: 'app/b', create: true, alternatingTokens: true, tokenLifetimeDays: 100 },
        ],
      },
      [
        '  update  function',
        '      TOKEN_LIFETIME_DAYS: 90 → 60',
        '      app/b.tokenLifetimeDays: none → 100',
        '      app/b.alternatingTokens: none → true',
        '      MemorySize: 256 → 512\n',
      ].join('\n'),
    ],
    [
      'adds a secret whose permissions are a document',
      settings(['app/a', 'app/b', 'app/c']),
      '  update  2 policies of roles\n      PolicyDocument: changed\n',
    ],
    [
      'keeps a secret that is created no more',
      { ...TWO, secrets: [{ name: 'app/a' }, { name: 'app/b', create: true }] },
      '  keep    secret app/a\n',
    ],
  ])('%s', async (_, after, change) => {
    const { stack, output, actions, newAddresses } = await deployment(template, after);

    expect(output).toContain('in 123456789012/eu-west-1 (existing)\n');
    expect(output).toContain(change);
    expect(output).not.toMatch(/replace|Not deployed/);
    expect(actions).toContain('ExecuteChangeSet');
    expect(stack).toBeDefined();
    expect(newAddresses).toEqual([]);
  });
});

it('a deployment of what is there already changes nothing', async () => {
  const { stack, actions, newAddresses } = await deployment(template, TWO);

  expect(stack).toBeDefined();
  expect(actions).not.toContain('ExecuteChangeSet');
  expect(newAddresses).toEqual([]);
});

describe('a deployment that makes permissions broader', () => {
  const broader = settings(['app/a', 'app/b', 'app/c']);

  it.each([
    ['y', true],
    ['n', false],
    ['', false],
  ])('asks the person at the terminal, who says %j', async (answer, isDeployed) => {
    const terminal = Object.assign(Readable.from([`${answer}\n`]), { isTTY: true });
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(terminal as never);

    const { output, actions } = await deployment(template, broader, {
      requireApproval: 'broadening',
    });

    expect(output).toContain('(y/n)');
    expect(output).toContain('IAM Statement Changes');
    expect(actions.includes('ExecuteChangeSet')).toBe(isDeployed);
  });

  it('is refused when there is nobody to ask, and shows them', async () => {
    const { output, actions } = await deployment(template, broader, {
      requireApproval: 'broadening',
    });

    expect(output).toContain('IAM Statement Changes');
    expect(output).toContain('npm run deploy -- --require-approval never');
    expect(actions).not.toContain('ExecuteChangeSet');
  });
});

describe('a deployment is refused', () => {
  it.each<[string, Template, RotationSettings, string]>([
    ['ends a rotation', template, settings(['app/a']), 'The rotation would end: app/b.'],
    [
      'replaces a schedule',
      withProperties('AWS::SecretsManager::RotationSchedule', { SecretId: 'earlier' }),
      TWO,
      'The rotation schedule would be replaced: earlier (its secret would be app/a), ',
    ],
    [
      'replaces a secret',
      withProperties('AWS::SecretsManager::Secret', { Name: 'earlier' }),
      TWO,
      'The secret would be replaced by an empty one: earlier, ',
    ],
    [
      'deletes a subscription',
      template,
      { ...TWO, alertEmails: ['other@acme.dev'] },
      'The subscription would be deleted: ops@acme.dev.',
    ],
    [
      'replaces a subscription',
      withProperties('AWS::SNS::Subscription', { Protocol: 'email-json' }),
      TWO,
      'The subscription would be replaced: ops@acme.dev.',
    ],
    [
      'deletes the topic',
      template,
      { ...TWO, failureTopic: { arn: 'arn:aws:sns:eu-west-1:123456789012:mine' } },
      'The topic of the alerts would be deleted: ',
    ],
  ])('when it %s', async (_, before, after, reason) => {
    const { stack, output, actions } = await deployment(before, after);

    expect(output).toContain('Not deployed. Nothing was changed.');
    expect(output).toContain(reason);
    expect(output).toContain('npm run deploy -- --allow-replacement');
    expect(actions).toContain('DeleteChangeSet');
    expect(actions).not.toContain('ExecuteChangeSet');
    expect(stack).toBeUndefined();
  });

  it('unless --allow-replacement says so', async () => {
    const { output, actions } = await deployment(template, settings(['app/a']), {
      allowReplacement: true,
    });

    expect(output).toContain('  delete  rotation schedule app/b\n');
    expect(output).toContain(
      'The rotation would end: app/b. A token that is rotated no more expires.',
    );
    expect(output).not.toContain('Not deployed');
    expect(actions).toContain('ExecuteChangeSet');
  });

  it('when a secret to create is there already', async () => {
    const before = withProperties('AWS::SecretsManager::Secret', { Description: 'earlier' });
    const after = settings(['app/c', 'app/a', 'app/b']);
    const existing = { 'app/a': {}, 'app/b': {}, 'app/c': {} };

    const { output, actions } = await deployment(before, after, {}, existing);

    expect(output).toContain(
      'secrets[0].create must not be true: the secret app/c exists already. Take create away.',
    );
    expect(output).not.toContain('secrets[1]');
    expect(actions).not.toContain('ExecuteChangeSet');
  });

  it('when a secret has another schedule already, unless that is wanted', async () => {
    const after = { ...TWO, secrets: [{ name: 'app/c' }, ...TWO.secrets] };
    const existing = { 'app/c': { RotationEnabled: true } };

    const refused = await deployment(template, after, {}, existing);
    const wanted = await deployment(template, after, { allowReplacement: true }, existing);
    const free = await deployment(template, after, {}, { 'app/c': {} });

    expect(refused.output).toContain('secrets[0]: the secret app/c is rotated already.');
    expect(refused.actions).not.toContain('ExecuteChangeSet');
    expect(wanted.actions).toContain('ExecuteChangeSet');
    expect(free.actions).toContain('ExecuteChangeSet');
  });
});
