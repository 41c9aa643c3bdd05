import type { Call } from '../server/stand-in.ts';
import { parseLenientDate } from './dates.ts';
import { BAD_JSON, invalidParameter, Refused, unsupportedType } from './refusals.ts';

/** Query and body in one; where both name a parameter, the body counts. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads the parameters of a request.
 *
 * @throws {Refused} 415 for a body that is neither JSON nor a form, 400 for malformed JSON
 */
export function readParameters(call: Call): Parameters {
  return { ...Object.fromEntries(call.query), ...readBody(call) };
}

function readBody({ method, headers, body }: Call): Parameters {
  if (body === '' || method === 'GET') {
    return {};
  }
  const type = mediaType(headers['content-type']);
  switch (type) {
    case 'application/x-www-form-urlencoded':
      return Object.fromEntries(new URLSearchParams(body));
    case '':
    case 'application/json':
      return readJson(body);
    default:
      throw new Refused(unsupportedType(type));
  }
}

/** The type without its parameters; empty where there is none. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';', 1).join('').trim().toLowerCase();
}

function readJson(body: string): Parameters {
  try {
    const parsed: unknown = JSON.parse(body);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Parameters) : {};
  } catch {
    throw new Refused(BAD_JSON);
  }
}

/**
 * The date that the successor shall expire on, `YYYY-MM-DD`.
 *
 * @returns undefined where the parameter is absent, null or empty
 * @throws {Refused} 400 for what Ruby does not take for a date
 */
export function readExpiresAt(parameters: Parameters, today: string): string | undefined {
  const given = parameters['expires_at'] ?? '';
  if (given === '') {
    return undefined;
  }
  const date = typeof given === 'string' ? parseLenientDate(given, today) : undefined;
  if (date === undefined) {
    throw new Refused(invalidParameter('expires_at is invalid'));
  }
  return date;
}
