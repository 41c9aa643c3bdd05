import { randomUUID } from 'node:crypto';
import { invalidParameter } from './errors.ts';
import type { Protocol, SnsMessage } from './message.ts';
import { messageAttributes, sizeOf } from './message-attributes.ts';
import type { QueryParameters } from './query-protocol.ts';

/** In bytes, of the text with the attributes. */
const MAX_MESSAGE_BYTES = 262_144;
/** In characters. */
const MAX_SUBJECT_LENGTH = 99;

/**
 * Reads a Publish and checks all that AWS checks of it, but for its topic.
 *
 * @throws {SnsRefusal} InvalidParameter, ParameterValueInvalid
 */
export function parsePublish(request: QueryParameters, at: Date): SnsMessage {
  const topicArn = request.text('TopicArn') ?? request.text('TargetArn');
  if (topicArn === undefined) {
    throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  }
  const subject = checkedSubject(request);
  const text = request.text('Message');
  if (!text) {
    throw invalidParameter('Empty message');
  }
  const attributes = messageAttributes(request);
  if (Buffer.byteLength(text) + sizeOf(attributes) > MAX_MESSAGE_BYTES) {
    throw invalidParameter('Message too long');
  }
  const structured = isStructured(request);
  const textFor = structured ? textPerProtocol(text) : () => text;
  return {
    topicArn,
    messageId: randomUUID(),
    ...(subject !== undefined && { subject }),
    structured,
    attributes,
    textFor,
    at,
  };
}

/** @throws {SnsRefusal} InvalidParameter where no standard topic of this region can have the ARN */
export function checkTopicArn(arn: string, ofRegion: string): void {
  const elements = arn.split(':');
  if (elements.length < 6) {
    throw invalidParameter(
      `TopicArn Reason: An ARN must have at least 6 elements, not ${elements.length}`,
    );
  }
  const [, , service, region, , ...name] = elements;
  if (service !== 'sns' || region !== ofRegion) {
    throw invalidParameter('TopicArn');
  }
  // Most often the ARN of a subscription, which has one element more.
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(name.join(':'))) {
    throw invalidParameter('Topic Name');
  }
}

/** API Publish: less than 100 characters, no line breaks or control characters. */
function checkedSubject(request: QueryParameters): string | undefined {
  const subject = request.text('Subject');
  if (subject === undefined) {
    return undefined;
  }
  const { length } = [...subject];
  if (length === 0 || length > MAX_SUBJECT_LENGTH || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(subject)) {
    throw invalidParameter('Subject');
  }
  return subject;
}

function isStructured(request: QueryParameters): boolean {
  const structure = request.text('MessageStructure');
  if (structure !== undefined && structure !== 'json') {
    throw invalidParameter('MessageStructure');
  }
  return structure === 'json';
}

/** The last of two members with the same key counts; a member that is no text is ignored. */
function textPerProtocol(json: string): (protocol: Protocol) => string {
  const members = new Map(Object.entries(parsedObject(json)).filter(isText));
  const fallback = members.get('default');
  if (fallback === undefined) {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  return (protocol) => members.get(protocol) ?? fallback;
}

function parsedObject(json: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    // Without the cause: it quotes the message.
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  return parsed;
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}
