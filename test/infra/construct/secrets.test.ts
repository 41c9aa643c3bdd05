import { App, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { GitLabTokenRotation, type RotatedSecretProps } from '../../../infra/index.ts';
import { loadConfig } from '../../../lambda/settings/config.ts';
import {
  createApp,
  HERE,
  onlyResource,
  type Resource,
  resourcesOf,
  rotationOf,
  SECRET_ARN,
} from '../cdk-app.ts';

type Resources = Readonly<Record<string, Omit<Resource, 'id'> & { readonly Type: string }>>;

/** Secrets of their own rows: name, and what differs from the others. */
type Secrets = readonly (readonly [name: string, props?: Omit<RotatedSecretProps, 'secretName'>])[];

function templateOf(secrets: Secrets): Template {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack);
  for (const [secretName, props] of secrets) {
    rotation.addSecret({ secretName, ...props });
  }
  return Template.fromStack(stack);
}

const TWELVE: Secrets = Array.from({ length: 12 }, (_, index) => [
  `team/token-${index}`,
  { create: index % 2 === 0 },
]);
const before = templateOf(TWELVE);

/** The resources with type and properties, but for those that all secrets share by their nature. */
function ownResources(template: Template): Resources {
  const shared = ['AWS::IAM::Policy', 'AWS::Events::Rule', 'AWS::Scheduler::Schedule'];
  const { Resources } = template.toJSON() as { Resources: Resources };
  return Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => !shared.includes(Type))
      .map(([id, { Type, Properties }]) => [id, { Type, Properties }]),
  );
}

function changed(template: Template): string[] {
  const [one, other] = [ownResources(before), ownResources(template)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((id) => JSON.stringify(one[id]) !== JSON.stringify(other[id]))
    .map((id) => `${(one[id] ?? other[id])?.Type} ${id}`);
}

describe('a change of one secret changes nothing of another', () => {
  it('if nothing changes', () => {
    expect(templateOf(TWELVE).toJSON()).toEqual(before.toJSON());
  });

  it.each([0, 5, 12])('if one is added at place %i', (place) => {
    const template = templateOf(TWELVE.toSpliced(place, 0, ['new', { create: true }]));

    expect(changed(template)).toEqual([
      expect.stringMatching(/^AWS::SecretsManager::Secret .*Secretsnew/),
      expect.stringMatching(/^AWS::SecretsManager::ResourcePolicy .*Secretsnew/),
      expect.stringMatching(/^AWS::SecretsManager::RotationSchedule .*Secretsnew/),
    ]);
  });

  it('if one is removed', () => {
    expect(changed(templateOf(TWELVE.toSpliced(3, 1)))).toEqual([
      expect.stringMatching(/^AWS::SecretsManager::RotationSchedule .*token3/),
    ]);
  });

  it('if a created one is imported from now on, of which all but the secret itself stays', () => {
    expect(changed(templateOf(TWELVE.with(4, ['team/token-4'])))).toEqual([
      expect.stringMatching(/^AWS::SecretsManager::Secret .*token4/),
      expect.stringMatching(/^AWS::SecretsManager::ResourcePolicy .*token4/),
    ]);
  });

  it('if one gets a standby, of which the function learns by its name', () => {
    const template = templateOf(TWELVE.with(3, ['team/token-3', { alternatingTokens: true }]));

    const functions = resourcesOf(template, 'AWS::Lambda::Function');
    expect(changed(template)).toEqual(functions.map(({ id }) => `AWS::Lambda::Function ${id}`));
    for (const { Properties } of functions) {
      expect(Properties['Environment']).toMatchObject({
        Variables: { SECRET_SETTINGS: '{"team/token-3":{"alternatingTokens":true}}' },
      });
    }
  });

  it('if one is scheduled anew', () => {
    const template = templateOf(TWELVE.with(3, ['team/token-3', { window: Duration.hours(2) }]));

    expect(changed(template)).toEqual([
      expect.stringMatching(/^AWS::SecretsManager::RotationSchedule .*token3/),
    ]);
  });
});

describe('schedules', () => {
  const schedules = resourcesOf(before, 'AWS::SecretsManager::RotationSchedule');

  it('name their secrets by plain names, whether they are created or not', () => {
    expect(schedules.map(({ Properties }) => Properties['SecretId'])).toEqual(
      TWELVE.map(([name]) => name),
    );
  });

  it('wait for the created secret, to which a name does not refer', () => {
    const [created = { id: '' }] = resourcesOf(before, 'AWS::SecretsManager::Secret');

    expect(schedules[0]?.DependsOn).toContain(created.id);
  });

  it('start ten test runs at once', () => {
    expect(schedules[11]?.DependsOn).toEqual(
      [schedules[1]?.id, ...(schedules[1]?.DependsOn ?? [])].sort(),
    );
    expect(schedules[9]?.DependsOn).not.toContain(schedules[0]?.id);
  });
});

describe('settings', () => {
  it('reach the function by name, in the order of names, where they differ from its own', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const rotation = rotationOf(stack, { alternatingTokens: true, tokenField: 'gitlab' });
    rotation.addSecret({ secretName: 'z', alternatingTokens: false, tokenField: 'gitlab' });
    rotation.addSecret({ secretName: 'same', alternatingTokens: true });
    rotation.addSecret({
      secretName: 'a',
      tokenLifetime: Duration.days(100),
      tokenField: 'token',
      projectId: 'group/app',
    });

    const { Properties } = onlyResource(Template.fromStack(stack), 'AWS::Lambda::Function');
    const { Variables } = Properties['Environment'] as { Variables: Record<string, string> };

    expect(Variables['SECRET_SETTINGS']).toBe(
      JSON.stringify({
        a: { tokenLifetimeDays: 100, tokenField: 'token', projectId: 'group/app' },
        z: { alternatingTokens: false },
      }),
    );
    const FAILURE_TOPIC_ARN = 'arn:aws:sns:eu-west-1:123456789012:failures';
    const { secretSettings } = loadConfig({ ...Variables, FAILURE_TOPIC_ARN });
    expect([...secretSettings]).toEqual([
      ['a', { lifetimeDays: 100, tokenField: 'token', projectId: 'group/app' }],
      ['z', { alternatingTokens: false }],
    ]);
  });

  it('must fit into the environment, all together', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const rotation = rotationOf(stack);
    for (let index = 0; index < 60; index += 1) {
      rotation.addSecret({
        secretName: `team/token-${index}`,
        projectId: `group/project-with-a-long-path-${index}`,
      });
    }

    expect(rotation.node.validate()).toEqual([
      expect.stringMatching(
        /^addSecret: the environment of the function has 4\d\d\d bytes, and Lambda allows 4096\. Set tokenLifetime, .* on the construct/,
      ),
    ]);
    expect(() => Template.fromStack(stack)).toThrow('addSecret: the environment');
  });

  it('are not blamed for an environment that is full without them', () => {
    const hosts = Array.from({ length: 200 }, (_, index) => `host-${index}.gitlab.example.com`);
    const rotation = rotationOf(new Stack(createApp(), 'Test', { env: HERE }), {
      httpsProxy: 'http://proxy.example.com:3128',
      noProxy: hosts.join(),
    });

    expect(rotation.node.validate()).toEqual([
      expect.stringMatching(/^noProxy: the environment of the function has \d+ bytes, and Lambda/),
    ]);
  });
});

describe('a stack with too many resources', () => {
  function fullStack(ownResources: number): Stack {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    for (let index = 0; index < ownResources; index += 1) {
      new CfnResource(stack, `Own${index}`, { type: 'AWS::SNS::Topic' });
    }
    return stack;
  }

  it('is no fault of the secrets where they alone are not too many', () => {
    for (const secrets of [0, 2]) {
      const rotation = rotationOf(fullStack(520));
      for (let index = 0; index < secrets; index += 1) {
        rotation.addSecret({ secretName: `app/${index}` });
      }

      expect(rotation.node.validate()).toEqual([
        expect.stringMatching(
          /^addSecret: the stack has 5[34]\d resources without secrets, and CloudFormation allows 500: there is no room for secrets\. Give the construct a stack of its own$/,
        ),
      ]);
    }
  });

  it('is told once, with the secrets of all its constructs', () => {
    const stack = fullStack(430);
    const rotations = ['A', 'B', 'C'].map(
      (id) => new GitLabTokenRotation(stack, id, { gitlabUrl: 'https://gitlab.example.com' }),
    );
    for (const [index, rotation] of rotations.entries()) {
      rotation.addSecret({ secretName: `app/${index}` });
    }
    const more = Array.from({ length: 9 }, (_, index) => `many/${index}`);
    for (const secretName of more) {
      rotations[2]?.addSecret({ secretName, create: true });
    }

    expect(rotations.flatMap(({ node }) => node.validate())).toEqual([
      expect.stringMatching(/ of 12 secrets fit\. .* second stack/),
    ]);
  });
});

describe('which secret is meant', () => {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack);
  const imported = Secret.fromSecretCompleteArn(stack, 'Imported', SECRET_ARN);
  rotation.addSecret({ secretName: 'taken' });

  it.each<[RotatedSecretProps, string]>([
    [{}, 'give either secretName or secret'],
    [{ secretName: 'a', secret: imported }, 'give either secretName or secret'],
    [{ secret: imported, create: true }, 'create goes with secretName'],
    [{ secretName: 'taken' }, 'the secret "taken" is added already'],
    [{ secretName: 'a b' }, 'secretName "a b" must be 1 to 512 letters, digits and'],
    [{ secretName: SECRET_ARN }, 'and not an ARN'],
    [
      { secretName: 'a b', projectId: 'app', window: Duration.minutes(5) },
      [
        'addSecret: secretName "a b" must be 1 to 512 letters, digits and /_+=.@!-, and not an ARN',
        'addSecret: projectId "app" must be the number of a project or its full path, like group/app, not URL-encoded',
        'addSecret: window 5 minutes must be a whole number of hours from 1 to 24',
      ].join('\n'),
    ],
    [{ secretName: 'ci/gitlab-runner' }, 'ends in a hyphen and six characters'],
    [
      { secret: Secret.fromSecretNameV2(stack, 'Name', 'ci/gitlab-runner') },
      'secretName "ci/gitlab-runner" ends in a hyphen and six characters',
    ],
    [
      { secret: new Secret(stack, 'Unnamed') as RotatedSecretProps['secret'] & object },
      'the name of the secret must be known at synthesis',
    ],
    [
      {
        secret: Secret.fromSecretCompleteArn(stack, 'Far', SECRET_ARN.replace('west', 'north')),
      },
      'the secret "my-token" is in eu-north-1: it must be in the region of the function, eu-west-1',
    ],
  ])('is an error if it is not clear: %#', (props, message) => {
    expect(() => rotation.addSecret(props)).toThrow(message);
  });

  it('is an error if two constructs of an app rotate one', () => {
    const app = createApp();
    const add = (id: string, env: object, secretName = 'one') =>
      rotationOf(new Stack(app, id, { env })).addSecret({ secretName });
    add('First', HERE);

    expect(() => add('Second', HERE)).toThrow(
      'the secret "one" is rotated already by First/Rotation: a secret has one rotation',
    );
    expect(() => add('Elsewhere', { ...HERE, region: 'eu-north-1' })).not.toThrow();
    expect(() => add('Unknown', {})).not.toThrow();
    expect(() => add('UnknownToo', {})).not.toThrow();
  });

  it('may be one that the app creates by name, or one that is known by its full ARN', () => {
    const app = new App();
    const own = new Stack(app, 'Own', { env: HERE });
    const created = new Secret(own, 'Mine', { secretName: 'mine' });
    const other = rotationOf(own);
    other.addSecret({ secret: created as RotatedSecretProps['secret'] & object });
    other.addSecret({
      secret: Secret.fromSecretCompleteArn(
        own,
        'Runner',
        SECRET_ARN.replace('my-token', 'ci/gitlab-runner'),
      ),
    });

    const names = resourcesOf(Template.fromStack(own), 'AWS::SecretsManager::RotationSchedule');
    expect(names.map(({ Properties }) => Properties['SecretId'])).toEqual([
      'mine',
      'ci/gitlab-runner',
    ]);
  });
});
