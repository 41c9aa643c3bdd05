import { invalidValue, SnsRefusal } from './errors.ts';
import type { MessageAttribute } from './message.ts';
import type { QueryParameters } from './query-protocol.ts';

const MAX_NAME_BYTES = 255;

/**
 * Reads and checks the message attributes of a Publish.
 *
 * @throws {SnsRefusal} ParameterValueInvalid; ValidationError where a type is absent
 */
export function messageAttributes(request: QueryParameters): Record<string, MessageAttribute> {
  return Object.fromEntries(
    request.list('MessageAttributes.entry').map((entry) => {
      const name = entry.text('Name') ?? '';
      checkName(name);
      return [name, attributeOf(name, entry)];
    }),
  );
}

/** What attributes count against the limit of a message: names, types and values. */
export function sizeOf(attributes: Readonly<Record<string, MessageAttribute>>): number {
  return Object.entries(attributes)
    .map(([name, { type, value }]) => {
      const encoding = type.startsWith('Binary') ? 'base64' : 'utf8';
      return Buffer.byteLength(name + type) + Buffer.byteLength(value, encoding);
    })
    .reduce((sum, size) => sum + size, 0);
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw invalidValue('Length of message attribute name must be less than 256 bytes.');
  }
  if (name === '') {
    throw invalidValue('Message attribute name can not be empty.');
  }
  if (name.startsWith('.')) {
    throw invalidValue("Invalid message attribute name starting with character '.' was found.");
  }
  if (name.endsWith('.')) {
    throw invalidValue("Invalid message attribute name ending with character '.' was found.");
  }
  const foreign = /[^A-Za-z0-9_.-]/u.exec(name)?.[0].codePointAt(0);
  if (foreign !== undefined) {
    throw invalidValue(
      `Invalid non-alphanumeric character '#x${foreign.toString(16).toUpperCase()}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.includes('..')) {
    throw invalidValue("Message attribute name can not have successive '.' character.");
  }
}

function attributeOf(name: string, entry: QueryParameters): MessageAttribute {
  const type = entry.text('Value.DataType');
  if (type === undefined) {
    throw new SnsRefusal(
      400,
      'ValidationError',
      `1 validation error detected: Value null at 'messageAttributes.${name}.member.dataType' failed to satisfy constraint: Member must not be null`,
    );
  }
  const kind = /^(String|Number|Binary)(\..+)?$/.exec(type)?.[1];
  if (kind === undefined) {
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const field = kind === 'Binary' ? 'Binary' : 'String';
  const other = field === 'Binary' ? 'String' : 'Binary';
  const value = entry.text(`Value.${field}Value`);
  if (value === undefined && entry.text(`Value.${other}Value`) !== undefined) {
    throw invalidValue(
      `The message attribute '${name}' with type '${type}' must use field '${field}'.`,
    );
  }
  if (!value) {
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  }
  if (kind === 'Number' && !isNumber(value)) {
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  }
  return { type, value };
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}
