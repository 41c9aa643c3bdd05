import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { CDK_CONTEXT, HERE, onlyResource, ROOT, resourcesOf, rotationOf } from '../cdk-app.ts';

/** What AWS allows; sizes in characters without white space, the environment and the input in bytes. */
const LIMITS = {
  resources: 500,
  inlinePolicies: 10_240,
  managedPolicies: 10,
  largestManagedPolicy: 6144,
  largestEventPattern: 2048,
  environment: 4096,
  scheduleInput: 262_144,
};

interface Size {
  readonly secrets: number;
  readonly create: boolean;
  readonly minimizePolicies: boolean;
  /** Whether each secret has a KMS key of its own. @default false, one for all */
  readonly ownKeys?: boolean;
}

/** In a VPC, and each tenth secret with a lifetime of its own. */
function templateOf({ secrets, create, minimizePolicies, ownKeys = false }: Size): Template {
  const app = new App({
    outdir: mkdtempSync(join(tmpdir(), 'cdk.out-')),
    context: { ...CDK_CONTEXT, '@aws-cdk/aws-iam:minimizePolicies': minimizePolicies },
  });
  const stack = new Stack(app, 'Test', { env: HERE });
  const key = (index: number) =>
    Key.fromKeyArn(
      stack,
      `Key${index}`,
      `arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-${String(index).padStart(12, '0')}`,
    );
  const keyOfAll = key(secrets);
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
  const rotation = rotationOf(stack, { vpc });
  for (let index = 0; index < secrets; index += 1) {
    rotation.addSecret({
      secretName: `platform/team-${index}/gitlab-token`,
      create,
      encryptionKey: ownKeys ? key(index) : keyOfAll,
      ...(index % 10 === 9 && { tokenLifetime: Duration.days(60) }),
    });
  }
  return Template.fromStack(stack);
}

/** As AWS counts: with ARNs in the place of references to what the template creates. */
function sizeOf(value: unknown, names: ReadonlyMap<string, string>): number {
  return JSON.stringify(value, (_, each) => {
    const { Ref, 'Fn::GetAtt': attribute } = Object(each);
    const id = Ref ?? attribute?.[0];
    return id === undefined ? each : (names.get(id) ?? 'x'.repeat(100));
  }).length;
}

function measure(template: Template) {
  const names = new Map(
    resourcesOf(template, 'AWS::SecretsManager::Secret').map(({ id, Properties }) => [
      id,
      `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${Properties['Name']}-AbCdEf`,
    ]),
  );
  const sizes = (type: string, property: string) =>
    resourcesOf(template, type).map(({ Properties }) => sizeOf(Properties[property], names));
  const policies = [...policiesOfRoles(template).values()];
  const inline = policies.map((ofRole) =>
    ofRole
      .filter(({ isManaged }) => !isManaged)
      .reduce((sum, { document }) => sum + sizeOf(document, names), 0),
  );
  const managed = policies.map((ofRole) => ofRole.filter(({ isManaged }) => isManaged).length);
  const variables = resourcesOf(template, 'AWS::Lambda::Function').map(({ Properties }) => {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    return sizeOf(Variables, names);
  });
  const { Properties } = onlyResource(template, 'AWS::Scheduler::Schedule', 'watch');
  const { Input } = Properties['Target'] as { Input: unknown };
  return {
    resources: Object.keys(template.toJSON()['Resources']).length,
    inlinePolicies: Math.max(...inline),
    managedPolicies: Math.max(...managed),
    largestManagedPolicy: Math.max(0, ...sizes('AWS::IAM::ManagedPolicy', 'PolicyDocument')),
    largestEventPattern: Math.max(...sizes('AWS::Events::Rule', 'EventPattern')),
    environment: Math.max(...variables),
    scheduleInput: inputSize(Input, names),
  };
}

/** By the role that they are attached to. */
function policiesOfRoles(template: Template) {
  const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    resourcesOf(template, type).map(({ Properties }) => ({
      isManaged: type === 'AWS::IAM::ManagedPolicy',
      roles: JSON.stringify(Properties['Roles']),
      document: Properties['PolicyDocument'],
    })),
  );
  return Map.groupBy(policies, ({ roles }) => roles);
}

/** It is JSON that CloudFormation joins. */
function inputSize(input: unknown, names: ReadonlyMap<string, string>): number {
  const { 'Fn::Join': join } = Object(input);
  const parts: readonly unknown[] = join?.[1] ?? [input];
  return parts
    .map((part) => (typeof part === 'string' ? part : (names.get(Object(part).Ref) ?? '')))
    .join('').length;
}

describe('limits of AWS', () => {
  it.each<Size>([
    { secrets: 1, create: true, minimizePolicies: true },
    { secrets: 30, create: true, minimizePolicies: true },
    { secrets: 150, create: true, minimizePolicies: true },
    { secrets: 150, create: true, minimizePolicies: false },
    { secrets: 200, create: false, minimizePolicies: true },
    { secrets: 200, create: false, minimizePolicies: false },
    { secrets: 200, create: false, minimizePolicies: true, ownKeys: true },
    { secrets: 200, create: false, minimizePolicies: false, ownKeys: true },
  ])('are kept: %o', (size) => {
    const measured = measure(templateOf(size));

    const tooLarge = Object.entries(measured).filter(
      ([what, value]) => value > LIMITS[what as keyof typeof measured],
    );
    expect(tooLarge).toEqual([]);
  });

  const table = readFileSync(join(ROOT, 'infra', 'construct', 'README.md'), 'utf8').matchAll(
    /^\| (\d+) (created|existing) \|(.+)\|$/gm,
  );
  const rows = [...table].map(([, secrets, kind, cells = '']) => ({
    secrets: Number(secrets),
    create: kind === 'created',
    told: cells.split('|').map((cell) => Number(cell.replace(',', '').replace('-', '0'))),
  }));

  it('are told with several sizes', () => {
    expect(rows.map(({ secrets }) => secrets)).toEqual([1, 30, 150, 200]);
  });

  it.each(rows)('are told as they are used: $secrets, created: $create', ({ told, ...size }) => {
    const { managedPolicies, ...measured } = measure(
      templateOf({ ...size, minimizePolicies: true }),
    );

    expect(managedPolicies > 0).toBe(measured.largestManagedPolicy > 0);
    const [resources, ...characters] = Object.values(measured);
    expect(told[0]).toBe(resources);
    // Within 5 %: other versions of CDK may make other ids and divide policies elsewhere.
    for (const [index, measuredCharacters] of characters.entries()) {
      const difference = Math.abs((told[index + 1] ?? Number.NaN) - measuredCharacters);
      expect(difference, `${told}, measured ${characters}`).toBeLessThanOrEqual(
        measuredCharacters * 0.05,
      );
    }
  });

  it('are told if a stack cannot hold the secrets: each created one is three resources', () => {
    expect(() => templateOf({ secrets: 160, create: true, minimizePolicies: true })).toThrow(
      /addSecret: the stack would have 5[12]\d resources, and CloudFormation allows 500: the first 15\d of 160 secrets fit\. .* second stack/,
    );
  });
});
