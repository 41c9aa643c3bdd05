import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { GitLabTokenRotation, type GitLabTokenRotationProps } from '../../infra/index.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The context of cdk.json: feature flags. */
export const CDK_CONTEXT: Record<string, unknown> = JSON.parse(
  readFileSync(join(ROOT, 'cdk.json'), 'utf8'),
).context;

/** How a role in `HERE` may use the KMS key of a secret: for secrets, and through Secrets Manager. */
export const FOR_SECRETS_ONLY = {
  StringEquals: {
    'kms:ViaService': [
      'secretsmanager.eu-west-1.amazonaws.com',
      'secretsmanager.eu-west-1.amazonaws.com.cn',
    ],
  },
  StringLike: {
    'kms:EncryptionContext:SecretARN': 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:*',
  },
};

export const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:my-token-AbCdEf';
export const RECOVERY_SECRET_ARN =
  'arn:aws:secretsmanager:eu-west-1:123456789012:secret:recovery-GhIjKl';

/** An app with the feature flags of cdk.json. */
export function createApp(context: Record<string, unknown> = {}): App {
  return new App({
    outdir: mkdtempSync(join(tmpdir(), 'cdk.out-')),
    context: { ...CDK_CONTEXT, ...context },
  });
}

export const HERE = { account: '123456789012', region: 'eu-west-1' };

/** A stack with one rotation of the secret `SECRET_ARN`. */
export function rotationStack(props: Partial<GitLabTokenRotationProps> = {}): Stack {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  rotationOf(stack, props).addSecret({
    secret: Secret.fromSecretCompleteArn(stack, 'Secret', SECRET_ARN),
  });
  return stack;
}

/** The construct without a secret. */
export function rotationOf(
  stack: Stack,
  props: Partial<GitLabTokenRotationProps> = {},
): GitLabTokenRotation {
  return new GitLabTokenRotation(stack, 'Rotation', {
    gitlabUrl: 'https://gitlab.example.com',
    ...props,
  });
}

export interface Resource {
  readonly id: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

/** The resources of a type, each with its logical id. */
export function resourcesOf(template: Template, type: string): Resource[] {
  const resources = template.findResources(type) as Record<string, Omit<Resource, 'id'>>;
  return Object.entries(resources).map(([id, resource]) => ({ ...resource, id }));
}

/** Whose resource it is: the watch has everything below `Watch` of the construct. */
export type Part = 'rotation' | 'watch';

function isOf(part: Part, id: string): boolean {
  return /Watch/.test(id) === (part === 'watch');
}

/** @throws {Error} unless there is exactly one of this type in this part */
export function onlyResource(template: Template, type: string, part: Part = 'rotation'): Resource {
  const [resource, ...others] = resourcesOf(template, type).filter(({ id }) => isOf(part, id));
  if (resource === undefined || others.length > 0) {
    throw new Error(`expected exactly one ${type}`);
  }
  return resource;
}

/** The folder that is deployed as the code of the stack's function. */
export function codeOf(stack: Stack): string {
  const { Properties } = onlyResource(Template.fromStack(stack), 'AWS::Lambda::Function');
  const { S3Key } = Properties['Code'] as { S3Key: string };
  return join(Stage.of(stack)?.outdir ?? '', `asset.${S3Key.replace(/\.zip$/, '')}`);
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Every statement of the resources of a type, whose `property` is a policy document. */
export function statementsOf(template: Template, type: string, property: string): Statement[] {
  return statementsIn(resourcesOf(template, type), property);
}

/** What the policies of the template let the role of the rotation, or those of the watch, do. */
export function roleStatements(template: Template, part: Part = 'rotation'): Statement[] {
  const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(({ id }) => isOf(part, id));
  return statementsIn(policies, 'PolicyDocument');
}

function statementsIn(resources: readonly Resource[], property: string): Statement[] {
  return resources.flatMap(
    ({ Properties }) => (Properties[property] as { Statement: Statement[] }).Statement,
  );
}

/** The warnings that synthesis prints of the construct, without the ids at their ends. */
export function warningsOf(stack: Stack): string[] {
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('gitlab-token-rotation:'))
    .map(({ entry }) => String(entry.data).replace(/ \[ack: gitlab-token-rotation:\w+\]$/, ''));
}

/** The statements that a warning prints. */
export function printedStatements(warning = ''): Statement[] {
  return JSON.parse(/needs these statements:\n(\[.*?\])(?:\n\D|$)/s.exec(warning)?.[1] ?? '[]');
}
