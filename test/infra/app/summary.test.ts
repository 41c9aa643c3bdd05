import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { RotationSettings } from '../../../infra/app/settings/schema.ts';
import { GitLabTokenRotationStack } from '../../../infra/app/stack.ts';
import { presentStack } from '../../../infra/app/summary.ts';
import { createApp } from '../cdk-app.ts';

function createStack(settings: Partial<RotationSettings>): GitLabTokenRotationStack {
  return new GitLabTokenRotationStack(createApp(), {
    gitlabUrl: 'https://gitlab.acme.dev',
    secrets: [{ name: 'app/a', create: true }],
    ...settings,
  });
}

describe('the summary of a stack', () => {
  const names = Array.from({ length: 30 }, (_, index) => `team-${index}/gitlab-token`);
  const stack = createStack({
    alertEmails: ['ops@acme.dev'],
    httpsProxy: 'http://proxy.acme.dev:3128',
    secrets: [
      { name: 'app/a', create: true, alternatingTokens: true, window: '3h' },
      { name: 'app/b', schedule: 'rate(6 hours)', projectId: '7' },
      ...names.map((name) => ({ name, schedule: 'cron(0 1 ? * SUN *)', tokenLifetimeDays: 30 })),
    ],
  });
  const { stackName } = stack;
  const template = Template.fromStack(stack).toJSON();
  const lines = presentStack({ stackName, template }, ['app/a', 'app/b', ...names], 80).split('\n');
  const squeezed = lines.map((line) => line.trim().replace(/ +/g, ' '));

  it('is one screen for thirty secrets, without a type of CloudFormation', () => {
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThan(55);
    expect(lines.join()).not.toContain('AWS::');
  });

  it('says where no alert would reach anybody', () => {
    const silent = createStack({ secrets: [{ name: 'app/a' }] });
    const text = presentStack(
      { stackName: silent.stackName, template: Template.fromStack(silent).toJSON() },
      ['app/a'],
      80,
    );

    expect(text.replace(/\s+/g, ' ')).toContain('a new topic, to which nobody is subscribed: set');
  });

  it('says what would be deployed', () => {
    expect(squeezed).toEqual(
      expect.arrayContaining([
        'Stack GitLabTokenRotation',
        'GitLab https://gitlab.acme.dev',
        'Function nodejs24.x, arm64, 256 MB',
        'Variables HTTPS_PROXY',
        'Alerts a new topic, by mail to ops@acme.dev',
        'Watch daily at 06:00 Etc/UTC',
        'Alarms function fails, watch does not end, token expires within a week',
        'Dashboard in CloudWatch',
        'app/a rate(30 days) 3h 90 days two',
        'app/b rate(6 hours) 1h 90 days one',
        'Own projectId: app/b',
        'team-29/gitlab-token cron(0 1 ? * SUN *) rest of day 30 days one',
      ]),
    );
    expect(squeezed.join(' ')).toContain('1 of 32 secrets is created: empty, and kept');
    expect(squeezed.join(' ')).toContain('32 rotation schedules');
  });

  it.each<[Partial<RotationSettings>, string]>([
    [{}, 'The secret is created: empty, and kept'],
    [{ secrets: [{ name: 'app/a' }] }, 'The secret exists already.'],
    [{ logRetentionDays: 1 }, 'Log       kept for a day'],
    [
      { watchTime: '07:05', watchTimeZone: 'Europe/Berlin', weeklyReport: true },
      'Watch     daily at 07:05 Europe/Berlin, on Mondays also if all is well',
    ],
    [{ watchTime: false }, 'Watch     not daily, only when AWS reports a failed rotation'],
    [{ watchTime: false }, 'Alarms    function fails\n'],
    [{ dashboard: false }, 'Dashboard none\n'],
  ])('says in words what %o means', (settings, line) => {
    const watched = Template.fromStack(createStack(settings)).toJSON();

    expect(presentStack({ stackName, template: watched }, ['app/a'], 80)).toContain(line);
  });

  it('shows what it has no words for, too, and no value of a variable', () => {
    const Resources = {
      Queue4A: { Type: 'AWS::SQS::Queue' },
      Function1: {
        Type: 'AWS::Lambda::Function',
        Properties: { Environment: { Variables: { HTTPS_PROXY: 'http://me:first@proxy' } } },
      },
    };

    const text = presentStack({ stackName: 'Mine', template: { Resources } }, ['theirs'], 80);

    expect(text).toContain('1 AWS::SQS::Queue');
    // A secret of another account has no schedule here.
    expect(text).toMatch(/theirs +set in its account +- /);
    expect(text).not.toContain('first');
  });
});
