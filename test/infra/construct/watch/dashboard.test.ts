import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { GitLabTokenRotationProps } from '../../../../infra/index.ts';
import { createApp, HERE, onlyResource, resourcesOf, rotationOf } from '../../cdk-app.ts';

/** With so many secrets; references are objects in the text. */
function dashboardOf(secrets: number, props: Partial<GitLabTokenRotationProps> = {}) {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack, props);
  for (let index = 0; index < secrets; index += 1) {
    rotation.addSecret({ secretName: `app-${index}` });
  }
  const template = Template.fromStack(stack);
  const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard');
  return { rotation, template, body: JSON.stringify(dashboard?.Properties['DashboardBody'] ?? '') };
}

// What it shows, and that somebody writes it: test/scenarios/metrics/dashboard.prove.ts.
describe('the dashboard', () => {
  it('has what both functions write, and all alarms', () => {
    const { rotation, template, body } = dashboardOf(1);

    for (const part of ['rotation', 'watch'] as const) {
      expect(body).toContain(onlyResource(template, 'AWS::Lambda::Function', part).id);
    }
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ id }) => id);
    expect(alarms).toHaveLength(3);
    expect(alarms.filter((id) => !body.includes(id))).toEqual([]);
    expect(rotation.dashboard).toBeDefined();
  });

  it('is as large for a dozen secrets as for one', () => {
    expect(dashboardOf(12).body).toBe(dashboardOf(1).body);
  });

  it('has no metric of the watch, and the only alarm that there is, without a daily run', () => {
    const { template, body } = dashboardOf(1, { watchTime: false });

    expect(body).toContain(onlyResource(template, 'AWS::CloudWatch::Alarm').id);
    expect(body).not.toContain(onlyResource(template, 'AWS::Lambda::Function', 'watch').id);
  });

  it.each([
    ['where it is not wanted', 1, { dashboard: false }],
    ['without a secret', 0, {}],
  ])('is not there %s', (_when, secrets, props) => {
    const { rotation, template } = dashboardOf(secrets, props);

    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    expect(rotation.dashboard).toBeUndefined();
  });
});
