import { afterEach, beforeEach, vi } from 'vitest';
import { stubAwsEnv } from '../rig/scripted/scripted-aws.ts';

export const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:failures';

/** What SNS answers to a message that it takes. */
export const PUBLISHED = {
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: '<PublishResponse><PublishResult><MessageId>message-1</MessageId></PublishResult></PublishResponse>',
};

/** What the function needs of its environment, but for `GITLAB_URL`. */
export const ENV = { FAILURE_TOPIC_ARN: TOPIC, TOKEN_LIFETIME_DAYS: '90' };

/** Whatever the machine of the test sets of them, the function does not see. */
const VARIABLES = [
  'GITLAB_URL',
  'FAILURE_TOPIC_ARN',
  'TOKEN_LIFETIME_DAYS',
  'TOKEN_FIELD',
  'GITLAB_PROJECT_ID',
  'ALTERNATING_TOKENS',
  'SECRET_SETTINGS',
  'GITLAB_CA_FILE',
  'RECOVERY_SECRET_ARN',
  'ROTATION_FUNCTION_ARN',
  'HTTPS_PROXY',
  'https_proxy',
  'NO_PROXY',
  'no_proxy',
];

/** Keeps what each test of a file logs away from the console; afterwards undoes givenFunction too. */
export function captureLog(): readonly unknown[] {
  const logged: unknown[] = [];
  beforeEach(() => {
    logged.length = 0;
    for (const level of ['info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((entry) => logged.push(entry));
    }
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => logged.push(line) > 0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  return logged;
}

/** The module as Lambda loads it, in this environment; AWS is at `awsUrl`. */
export async function givenFunction(awsUrl: string, env: Readonly<Record<string, string>>) {
  stubAwsEnv(awsUrl);
  for (const variable of new Set([...VARIABLES, ...Object.keys(env)])) {
    vi.stubEnv(variable, env[variable]);
  }
  vi.resetModules();
  const { handler } = await import('../../lambda/index.ts');
  return (event: unknown, timeoutMs?: number) => handler(event, context(timeoutMs));
}

/** What Lambda tells an invocation that has this much time. */
export function context(timeoutMs = 60_000) {
  const endsAt = Date.now() + timeoutMs;
  return {
    awsRequestId: 'request-1',
    functionName: 'rotation',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:rotation',
    getRemainingTimeInMillis: () => endsAt - Date.now(),
  };
}
