import { vi } from 'vitest';
import { deployStack } from '../../../../infra/app/deployment/deploy-stack.ts';
import { DeploymentGate, type GateProps } from '../../../../infra/app/deployment/gate.ts';
import { obstaclesOf } from '../../../../infra/app/deployment/obstacles.ts';
import type { RotationSettings } from '../../../../infra/app/settings/schema.ts';
import { GitLabTokenRotationStack } from '../../../../infra/app/stack.ts';
import { createToolkit } from '../../../../infra/app/toolkit.ts';
import { createApp, HERE } from '../../cdk-app.ts';
import { CloudFormation, type Template } from './cloudformation.ts';

/** Settings with secrets of these names. */
export function settings(
  names: readonly string[],
  others: Partial<RotationSettings> = {},
): RotationSettings {
  return {
    gitlabUrl: 'https://gitlab.acme.dev',
    alertEmails: ['ops@acme.dev'],
    secrets: names.map((name) => ({ name, create: true })),
    ...others,
  };
}

/** The template of settings, and where it was synthesised. */
export function synthesised(given: RotationSettings) {
  const app = createApp({ '@aws-cdk/core:validateAgainstDefaultRules': false });
  vi.stubEnv('CDK_DEFAULT_ACCOUNT', HERE.account);
  vi.stubEnv('CDK_DEFAULT_REGION', HERE.region);
  const { artifactId } = new GitLabTokenRotationStack(app, given);
  vi.unstubAllEnvs();
  const assembly = app.synth();
  const template: Template = assembly.getStackArtifact(artifactId).template;
  return { directory: assembly.directory, template };
}

/** Deploys over a stack with the template `before`, with the CDK itself, to an AWS on this machine. */
export async function deployment(
  before: Template | undefined,
  after: RotationSettings,
  props: Partial<GateProps> = {},
  existing: Readonly<Record<string, object>> = {},
) {
  await using aws = new CloudFormation();
  const { directory, template } = synthesised(after);
  aws.deployed = before;
  aws.proposed = template;
  aws.secrets = existing;
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: await aws.start(),
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_REGION: 'eu-west-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  })) {
    vi.stubEnv(name, value);
  }
  let output = '';
  const write = (text: string | Uint8Array) => {
    output += text;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  try {
    const gate = new DeploymentGate({
      requireApproval: 'never',
      allowReplacement: false,
      obstacles: (created, region) =>
        obstaclesOf(after.secrets, created, {
          region,
          credentials: { accessKeyId: 'AKIA', secretAccessKey: 'key' },
          profile: undefined,
        }),
      ...props,
    });
    const toolkit = createToolkit(gate);
    const source = await toolkit.fromAssemblyDirectory(directory);
    const stack = await deployStack(toolkit, source, gate);
    return { stack, output, actions: aws.actions, newAddresses: gate.newAddresses };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}
