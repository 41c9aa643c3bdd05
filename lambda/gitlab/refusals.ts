import type { DeathReason, Refusal } from '../rotation/ports.ts';
import { type JsonObject, textOf } from './responses.ts';

/**
 * Why GitLab refused, by status and by the words that it does not translate:
 * the key (`error` or `message`) and what stands before the first dash.
 */
export function refusalOf(status: number, body: JsonObject | undefined): Refusal {
  const { error, message } = body ?? {};
  if (typeof error !== 'string' && typeof message !== 'string') {
    return 'not-gitlab';
  }
  switch (status) {
    case 400:
      return typeof error === 'string' ? 'request-invalid' : 'other';
    case 403:
      return forbidden(error, textOf(message));
    case 404:
      // Unknown routes have the key `error`, unknown projects `message`.
      return typeof error === 'string' ? 'not-gitlab' : 'project-not-found';
    case 405:
      return message === '405 Method Not Allowed' ? 'not-a-bot-token' : 'project-moved';
    default:
      return 'other';
  }
}

function forbidden(error: unknown, message: string): Refusal {
  if (error === 'insufficient_scope') {
    return 'scope-missing';
  }
  if (message === '403 Forbidden') {
    return 'ip-not-allowed';
  }
  if (message.startsWith('403 Forbidden - ')) {
    return 'user-blocked';
  }
  return message.includes('read-only') ? 'read-only' : 'forbidden';
}

/** Whether a 401 says that the token itself is unknown, dead, or nothing of the kind. */
export function deathOf(body: JsonObject | undefined): DeathReason | undefined {
  const { error, error_description: description, message } = body ?? {};
  if (error === 'invalid_token') {
    const text = textOf(description).toLowerCase();
    if (text.includes('expired')) {
      return 'expired';
    }
    return text.includes('revoked') ? 'revoked' : 'unusable';
  }
  return message === '401 Unauthorized' ? 'unknown' : undefined;
}
