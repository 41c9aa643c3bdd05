import { App } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { rotationApp } from '../../../infra/app/rotation-app.ts';
import { CDK_CONTEXT, createApp } from '../cdk-app.ts';

it('the app has one stack, in which cdk-nag finds nothing', () => {
  const { outdir } = createApp();

  const app = rotationApp(
    {
      gitlabUrl: 'https://gitlab.acme.dev',
      alertEmails: ['ops@acme.dev'],
      secrets: [{ name: 'app/a', create: true }, { name: 'app/b' }],
    },
    { outdir, context: CDK_CONTEXT },
  );

  expect(App.isApp(app)).toBe(true);
  expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(['GitLabTokenRotation']);
});
