import { randomUUID } from 'node:crypto';
import type { Answer } from '../server/stand-in.ts';

/** A piece of an answer that is XML already. */
export interface Element {
  readonly xml: string;
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

/** An element that holds text, or other elements. */
export function element(name: string, content: string | readonly Element[]): Element {
  const inner = typeof content === 'string' ? escaped(content) : content.map(({ xml }) => xml);
  return { xml: `<${name}>${typeof inner === 'string' ? inner : inner.join('')}</${name}>` };
}

/** The form in which SNS answers with a map: `entry` elements of `key` and `value`. */
export function mapElement(name: string, entries: Readonly<Record<string, string>>): Element {
  const rows = Object.entries(entries).map(([key, value]) =>
    element('entry', [element('key', key), element('value', value)]),
  );
  return element(name, rows);
}

/**
 * A success of the Query protocol.
 *
 * @param result absent for the operations whose answer has no `{Operation}Result`
 */
export function xmlAnswer(operation: string, result?: readonly Element[]): Answer {
  return xmlDocument(200, `${operation}Response`, (requestId) => [
    ...(result ? [element(`${operation}Result`, result)] : []),
    element('ResponseMetadata', [element('RequestId', requestId)]),
  ]);
}

/** An error of the Query protocol; from status 500 on the fault is the receiver's. */
export function xmlError(status: number, code: string, message: string): Answer {
  return xmlDocument(status, 'ErrorResponse', (requestId) => [
    element('Error', [
      element('Type', status >= 500 ? 'Receiver' : 'Sender'),
      element('Code', code),
      element('Message', message),
    ]),
    element('RequestId', requestId),
  ]);
}

function xmlDocument(
  status: number,
  root: string,
  contentOf: (requestId: string) => readonly Element[],
): Answer {
  const requestId = randomUUID();
  const content = contentOf(requestId).map(({ xml }) => xml);
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-RequestId': requestId },
    body: `<${root} xmlns="${NAMESPACE}">${content.join('')}</${root}>`,
  };
}

/** What means something to parsers goes by its number; what XML cannot hold becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[&<>\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD');
}
