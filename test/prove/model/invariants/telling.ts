import type { SnsMessage } from '../../../../infra/local/sns/message.ts';
import { NOTICES } from '../../../../lambda/failure.ts';
import { NAMES } from '../world/names.ts';
import type { World } from '../world/world.ts';

/**
 * What may never be true of alerts: **every failed invocation is told once**. An invocation that
 * threw has one failure message with its request id, or none where the topic refused it; one that
 * was killed, or whose time was up, has one at most; one that went well has none. Notices are no
 * failures.
 *
 * @returns what is wrong, in words
 */
export function wrongAlerts(world: World): readonly string[] {
  const { stage, began } = world;
  const { lambda, sns } = stage.cloud;
  const told = sns.messages.slice(began.messages).filter(isFailure).map(requestIdIn);
  const refused = refusedAlerts(world);
  return lambda.invocations.slice(began.invocations).flatMap(({ requestId, outcome, step }) => {
    const count = told.filter((id) => id === requestId).length;
    const isRight = {
      error: count === (refused.includes(requestId) ? 0 : 1),
      success: count === 0,
      timeout: count <= 1,
      failure: count <= 1,
    }[outcome];
    return isRight ? [] : [`${step}, ${outcome}: told ${count} times`];
  });
}

/** Of an alert, and not of a notice. */
export function isFailure({ attributes }: SnsMessage): boolean {
  return !NOTICES.some((notice) => notice === attributes['code']?.value);
}

/** The invocations whose alert the topic would not take. */
export function refusedAlerts({ stage, began }: World): readonly unknown[] {
  return stage.cloud.lambda.logs.slice(began.logs).flatMap(({ entry }) => {
    const line = entry?.['message'] as { readonly message?: unknown } | undefined;
    return line?.message === 'alert not published' ? [entry?.['requestId']] : [];
  });
}

function requestIdIn({ textFor }: SnsMessage): unknown {
  return JSON.parse(textFor('https')).metadata.additionalContext.requestId;
}

/** In whatever people edit. */
const NOTE = 'edited by hand';
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const AWS_REQUEST_ID = /"awsRequestId":"([^"]+)"/g;

/**
 * What may never be true of logs and messages: **they disclose nothing**. No token is in them, by
 * the prefix that all have; no other part of a secret's text; and no RotationToken: a RotationToken
 * is a UUID, so every UUID in them must be known as the id of an invocation, of a version or of a
 * call of AWS.
 *
 * @returns what is wrong, in words
 */
export function disclosures(world: World): readonly string[] {
  const { began, stage } = world;
  const { lambda, sns } = stage.cloud;
  const logs = lambda.logs.slice(began.logs).map(({ raw }) => raw);
  const messages = sns.messages
    .slice(began.messages)
    .flatMap((message) => [
      message.subject ?? '',
      message.textFor('email'),
      message.textFor('https'),
      JSON.stringify(message.attributes),
    ]);
  const texts = [...logs, ...messages];
  const { tokenPrefix } = stage.gitlab.settings;
  const known = new Set([
    ...lambda.invocations.map(({ requestId }) => requestId),
    ...world.versionIds,
    ...logs.flatMap((text) => [...text.matchAll(AWS_REQUEST_ID)].map(([, id]) => id)),
    ...NAMES.flatMap((name) =>
      stage.cloud.secretsManager
        .snapshot(world.scenes[name].secretId)
        .versions.map(({ versionId }) => versionId),
    ),
  ]);
  return texts.flatMap((text) => [
    ...(text.includes(tokenPrefix) ? ['a token was disclosed'] : []),
    ...(text.includes(NOTE) ? ['another field of a secret was disclosed'] : []),
    ...[...text.matchAll(UUID)].flatMap(([id]) =>
      known.has(id) ? [] : ['an unknown id was told, perhaps a RotationToken'],
    ),
  ]);
}
