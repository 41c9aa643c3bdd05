import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { AwsAccess } from '../../../infra/app/access.ts';
import type { RotationSettings } from '../../../infra/app/settings/schema.ts';
import { startStandIn } from '../../../infra/local/server/stand-in.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';

export const WATCH_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:watch';

/** What AWS answers. */
export interface AwsProps {
  /** @default - a stack with the watch */
  readonly stack?: Answer;
  /** @default - a report without secrets */
  readonly invocation?: Answer;
}

/** CloudFormation and Lambda on the wire, where every client of this process finds them. */
export async function startAws({ stack, invocation }: AwsProps = {}) {
  const events: unknown[] = [];
  const server = await startStandIn({
    operationOf: ({ path }) => (path.endsWith('/invocations') ? 'Invoke' : 'DescribeStacks'),
    answer: ({ body }, operation) => {
      if (operation === 'DescribeStacks') {
        return stack ?? stackWith({ WatchFunctionArn: WATCH_ARN });
      }
      events.push(JSON.parse(body));
      return invocation ?? { status: 200, headers: {}, body: JSON.stringify(reportOf([])) };
    },
  });
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await server[Symbol.asyncDispose]();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', server.url);
  return { url: server.url, calls: server.calls, events };
}

/** Of an operator. */
export const ACCESS: AwsAccess = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIA', secretAccessKey: 'key' },
};

/** Of the watch. */
export function reportOf(secrets: readonly object[], others: object = {}) {
  return { checkedAt: '2026-11-30T06:00:00.000Z', secrets, ...others };
}

export function stackWith(outputs: Readonly<Record<string, string>>): Answer {
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return xml(
    200,
    `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>GitLabTokenRotation</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  );
}

/** As CloudFormation words an error. */
export function stackError(code: string, message: string, status = 400): Answer {
  return xml(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );
}

function xml(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

/** As Lambda words an error of its own. */
export function lambdaError(status: number, name: string): Answer {
  const body = JSON.stringify({ Type: 'User', Message: 'no' });
  return { status, headers: { 'x-amzn-ErrorType': name }, body };
}

/** What Lambda answers where the function failed. */
export function functionError(errorType: string, errorMessage: string): Answer {
  return {
    status: 200,
    headers: { 'X-Amz-Function-Error': 'Unhandled' },
    body: JSON.stringify({ errorType, errorMessage }),
  };
}

/** The path of a rotation.json. */
export function rotationFile(settings: Partial<RotationSettings> = {}): string {
  const file = join(mkdtempSync(join(tmpdir(), 'status-')), 'rotation.json');
  const whole = {
    gitlabUrl: 'https://gitlab.acme.dev',
    secrets: [{ name: 'app/a' }, { name: 'app/b', create: true }],
    ...settings,
  };
  writeFileSync(file, JSON.stringify(whole));
  return file;
}
