// What the documents need of `aws secretsmanager`: the CLI's way with options, and the SDK behind it.
// An option that the operation does not have is refused. And of `aws cloudformation` how a stack is deleted.

import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-secrets-manager';

type Input = Readonly<Record<string, unknown>>;
type Output = Record<string, unknown>;
type Command = new (input: Input) => sdk.DescribeSecretCommand;

/** JMESPath, as far as the README uses it. */
const QUERIES: Readonly<Record<string, (output: Output) => unknown>> = {
  Name: ({ Name }) => Name,
  VersionId: ({ VersionId }) => VersionId,
  SecretString: ({ SecretString }) => SecretString,
  VersionIdsToStages: ({ VersionIdsToStages }) => VersionIdsToStages,
  KmsKeyId: ({ KmsKeyId }) => KmsKeyId ?? null,
  '[LastRotatedDate, VersionIdsToStages]': ({ LastRotatedDate, VersionIdsToStages }) => [
    LastRotatedDate ?? null,
    VersionIdsToStages,
  ],
  LastRotatedDate: ({ LastRotatedDate }) => LastRotatedDate ?? null,
  RotationEnabled: ({ RotationEnabled }) => RotationEnabled ?? null,
  "Versions[?contains(VersionStages, 'AWSCURRENT')].VersionId": holdersOf('AWSCURRENT'),
  "Versions[?contains(VersionStages, 'AWSPREVIOUS')].VersionId": holdersOf('AWSPREVIOUS'),
};

function holdersOf(label: string) {
  return ({ Versions }: Output) =>
    (Versions as sdk.SecretVersionsListEntry[])
      .filter(({ VersionStages }) => VersionStages?.includes(label))
      .map(({ VersionId }) => VersionId);
}

/** `secret-id` → `SecretId`. */
function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Options that belong to the CLI itself. */
const OWN: readonly string[] = ['query', 'output', 'region'];

/** Members that are no text. */
const STRUCTURES: readonly string[] = ['ExternalSecretRotationMetadata', 'RotationRules'];

function readOptions(operation: string, args: readonly string[]) {
  const exported: Readonly<Record<string, unknown>> = { ...sdk };
  // The SDK's description of the request; the names of its members stand fifth.
  const members = (exported[`${operation}Request$`] as readonly unknown[])[4] as string[];
  const input: Record<string, unknown> = {};
  const own: Record<string, string> = {};
  for (let index = 0; index < args.length; index += 1) {
    const [, negation, name = ''] = /^--(no-)?([a-z-]+)$/.exec(args[index] ?? '') ?? [];
    const member = members.find((each) => each === pascal(name));
    if (member === undefined && !OWN.includes(name)) {
      throw new Error(`Unknown options: ${args[index]}`);
    }
    if (member !== undefined && negation !== undefined) {
      input[member] = false;
      continue;
    }
    index += 1;
    const value = args[index] ?? '';
    if (member === undefined) {
      own[name] = value;
    } else {
      input[member] = readValue(member, value);
    }
  }
  return { input, own };
}

/** A file, a structure or a list as JSON, or the text itself. */
function readValue(member: string, value: string): unknown {
  if (value.startsWith('file://')) {
    return readFileSync(value.slice(7), 'utf8');
  }
  return STRUCTURES.includes(member) ? JSON.parse(value) : value;
}

function render(value: unknown, output: string | undefined): string {
  const isPlain = typeof value === 'string' || Array.isArray(value);
  return output === 'text' && isPlain ? [value].flat().join('\t') : JSON.stringify(value, null, 4);
}

/** `delete-stack`, and `wait stack-delete-complete`: the CLI asks every 30 seconds. */
async function deleteStack(words: readonly string[]): Promise<void> {
  const [, verb, StackName = ''] =
    /^(delete-stack|wait stack-delete-complete) --stack-name (\S+)$/.exec(words.join(' ')) ?? [];
  if (verb === undefined) {
    throw new Error(`Invalid choice: cloudformation ${words.join(' ')}`);
  }
  const call = (Action: string) =>
    fetch(String(process.env['AWS_ENDPOINT_URL_CLOUDFORMATION']), {
      method: 'POST',
      body: new URLSearchParams({ Action, StackName, Version: '2010-05-15' }),
    });
  if (verb === 'delete-stack') {
    await call('DeleteStack');
    return;
  }
  // A stack that is deleted is not found by its name.
  while ((await call('DescribeStacks')).ok) {
    await setTimeout(10);
  }
}

async function main([service, verb = '', ...args]: readonly string[]): Promise<void> {
  if (service === 'cloudformation') {
    return await deleteStack([verb, ...args]);
  }
  const operation = pascal(verb);
  const command = Object.entries(sdk).find(([name]) => name === `${operation}Command`)?.[1];
  if (service !== 'secretsmanager' || command === undefined) {
    throw new Error(`Invalid choice: ${service} ${verb}`);
  }
  const { input, own } = readOptions(operation, args);
  const { query } = own;
  const select = query === undefined ? (output: Output) => output : QUERIES[query];
  if (select === undefined) {
    throw new Error(`Bad value for --query ${query}`);
  }
  const client = new sdk.SecretsManagerClient();
  const { $metadata, ...output } = await client.send(new (command as unknown as Command)(input));
  process.stdout.write(`${render(select(output), own['output'])}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { name, message } = error as Error;
  process.stderr.write(`An error occurred (${name}): ${message}\n`);
  process.exitCode = 254;
}
