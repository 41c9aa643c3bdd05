import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RotationSettings } from '../../../infra/app/settings/schema.ts';
import type { SecretSettings } from '../../../infra/app/settings/secret.ts';
import { GitLabTokenRotationStack } from '../../../infra/app/stack.ts';
import { createApp, HERE } from '../cdk-app.ts';

const OTHER_STACK =
  'put some of the secrets into another stack: the rotation.json of a second checkout, with another stackName';

function secrets(
  count: number,
  others: (index: number) => SecretSettings = () => ({}),
): SecretSettings[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `platform/team-${index}/gitlab-token`,
    ...others(index),
  }));
}

/** Of another account each. */
function foreignSecrets(count: number): SecretSettings[] {
  return Array.from({ length: count }, (_, index) => {
    const account = 111122223000 + index;
    return {
      arn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:app/${index}-AbCdEf`,
      encryptionKeyArn: `arn:aws:kms:eu-west-1:${account}:key/01234567-89ab-cdef-0123-456789abcdef`,
    };
  });
}

function synthesised(settings: Partial<RotationSettings>) {
  const app = createApp();
  const { artifactId } = new GitLabTokenRotationStack(app, {
    gitlabUrl: 'https://gitlab.acme.dev',
    secrets: secrets(1),
    ...settings,
  });
  return app.synth().getStackArtifact(artifactId).template;
}

/** What the synthesis says. */
function refusal(settings: Partial<RotationSettings>): string {
  try {
    synthesised(settings);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

beforeEach(() => {
  vi.stubEnv('CDK_DEFAULT_ACCOUNT', HERE.account);
  vi.stubEnv('CDK_DEFAULT_REGION', HERE.region);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it.each<[string, Partial<RotationSettings>, RegExp]>([
  [
    'a role that has no room for the permissions',
    { roleArn: 'arn:aws:iam::123456789012:role/rotation', secrets: secrets(110) },
    /roleArn: the permissions for all secrets have about 1\d{4} characters, and an imported role has room for 10000\. Take roleArn away, for a new role has room for more \(permissionsBoundaryArn limits it\); or <other stack> and another roleArn/,
  ],
  [
    'a role of the watch that has no room for the permissions',
    { watchRoleArn: 'arn:aws:iam::123456789012:role/watch', secrets: secrets(110) },
    /watchRoleArn: the permissions for all secrets have about 1\d{4} characters, and an imported role has room for 10000\. Take watchRoleArn away, for new roles have room for more \(permissionsBoundaryArn limits them\); or <other stack> and another watchRoleArn/,
  ],
  [
    'more resources than a stack holds, most of them of secrets to create',
    { secrets: secrets(160, () => ({ create: true })) },
    /secrets: the stack would have 5[12]\d resources, and CloudFormation allows 500: the first 15[34] of 160 secrets fit\. Each takes 3 with create, and 1 without\. Take create away where the secret exists already, which keeps it; or <other stack>/,
  ],
  [
    'more existing secrets than a stack holds',
    { secrets: secrets(480) },
    /secrets: the stack would have 55\d resources, and CloudFormation allows 500: the first 42\d of 480 secrets fit\. .*/,
  ],
  [
    'settings of single secrets that fill the environment',
    { secrets: secrets(90, (index) => ({ projectId: `group/app-${index}` })) },
    /secrets: the environment of the function has 5\d{3} bytes, and Lambda allows 4096\. Set tokenLifetimeDays, alternatingTokens, tokenField and projectId at the top where most secrets agree, and at a secret only where it differs; or keep projectId in the secret/,
  ],
  [
    'a setting that fills the environment',
    {
      httpsProxy: 'http://proxy.acme.dev:3128',
      noProxy: Array.from({ length: 300 }, (_, index) => `host-${index}.acme.dev`).join(),
    },
    /noProxy: the environment of the function has 5\d{3} bytes, and Lambda allows 4096\. Give a shorter one/,
  ],
  [
    'more managed policies than a role may have',
    { secrets: secrets(300, (index) => ({ name: `${'long-name/'.repeat(35)}${index}` })) },
    /secrets: the role needs 2\d managed policies for all secrets and keys, and IAM allows 20\. Encrypt the secrets with fewer keys, or <other stack>/,
  ],
  [
    'more accounts than the policy of the function can name',
    { secrets: foreignSecrets(51) },
    /secrets: the secrets are in 51 accounts, and the policy of the function has room for 50\. Give fewer secrets of other accounts, or <other stack>/,
  ],
])('refuses %s, once and by its path in the file', (_, settings, problem) => {
  const [title, ...lines] = refusal(settings).replaceAll(OTHER_STACK, '<other stack>').split('\n');

  expect(title).toBe('rotation.json has an error:');
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^ {2}${problem.source}$`))]);
});

it('says all that is too large at once', () => {
  const lines = refusal({
    roleArn: 'arn:aws:iam::123456789012:role/rotation',
    secrets: secrets(165, (index) => ({ create: true, projectId: `group/app-${index}` })),
  }).split('\n');

  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'rotation.json has 3 errors',
    '  roleArn',
    '  secrets',
    '  secrets',
  ]);
});

it('takes as many secrets as a stack holds', () => {
  const created = synthesised({ secrets: secrets(153, () => ({ create: true })) });
  const existing = synthesised({ secrets: secrets(434) });

  expect([created, existing].map(({ Resources }) => Object.keys(Resources).length)).toEqual([
    499, 500,
  ]);
});
