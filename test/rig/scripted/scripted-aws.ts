import { vi } from 'vitest';
import { type StandIn, startStandIn } from '../../../infra/local/server/stand-in.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';

/** A server that answers by a script, for what the real one never says on demand. */
export interface ScriptedAws extends StandIn {
  /** What was sent, oldest first. */
  readonly bodies: readonly string[];
  /** Their signatures, which name region and service. */
  readonly authorizations: readonly (string | undefined)[];
}

/** Each call gets the next answer; the last one stays. */
export async function startScriptedAws(
  ...[first, ...more]: readonly [Answer, ...Answer[]]
): Promise<ScriptedAws> {
  const bodies: string[] = [];
  const authorizations: (string | undefined)[] = [];
  let next = first;
  const standIn = await startStandIn({
    operationOf: ({ headers }) => headers['x-amz-target']?.split('.')[1] ?? 'Publish',
    answer: ({ body, headers }) => {
      bodies.push(body);
      authorizations.push(headers['authorization']);
      const answer = next;
      next = more.shift() ?? next;
      return answer;
    },
  });
  return { ...standIn, bodies, authorizations };
}

/** Leads the SDK to a server on loopback by the variables that lead it anywhere. */
export function stubAwsEnv(url: string): void {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDFUNCTION');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', url);
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', url);
}

/** JSON 1.1, as Secrets Manager answers. */
export function json(body: object, status = 200): Answer {
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-RequestId': '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
    },
    body: JSON.stringify(body),
  };
}

export function error(type: string, message = 'no text', status = 400): Answer {
  return json({ __type: type, Message: message }, status);
}
