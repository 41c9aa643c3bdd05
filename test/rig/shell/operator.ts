import {
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { Runbook } from '../../../lambda/alerts/runbook.ts';
import { FUNCTION_ARN, type Rig } from '../local/secrets-manager-rig.ts';
import type { OperatorShell } from './operator-shell.ts';

export async function givenSecret({ client }: Rig, value: unknown): Promise<string> {
  const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
  const command = new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString });
  const { ARN = '' } = await client.send(command);
  return ARN;
}

export function current({ secretsManager }: Rig): string {
  return secretsManager.valueOf('app/gitlab-token', 'AWSCURRENT') ?? '';
}

/** What somebody runs who reads the page, and sets the variables. */
export function commandsAt(anchor: string): string {
  const { steps = [], commands = [] } = new Runbook().linked(anchor) ?? {};
  return [...steps.flatMap((step) => step.commands), ...commands].join('\n');
}

/** Runs them as somebody would who types the token that they wait for. */
export function runSection(
  shell: OperatorShell,
  rig: Rig,
  anchor: string,
  variables: Readonly<Record<string, string>>,
) {
  return shell.run(rig.secretsManager, commandsAt(anchor), variables);
}

/** A rotation that ends in this step. @returns the version that it leaves */
export async function failRotation(rig: Rig, secretId: string, failing: string): Promise<string> {
  rig.script(async ({ Step, ClientRequestToken, RotationToken }) => {
    if (Step === failing) {
      throw new Error('as the test says');
    }
    if (Step === 'createSecret') {
      await rig.functionClient.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken,
          RotationToken,
          SecretString: 'successor',
          VersionStages: ['AWSPENDING'],
        }),
      );
    }
  });
  await rig.client.send(
    new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: FUNCTION_ARN }),
  );
  const { versionId = '' } = (await rig.secretsManager.rotationEnded(secretId)) ?? {};
  rig.script(() => undefined);
  return versionId;
}
