import { randomUUID } from 'node:crypto';
import type { Answer } from '../server/wire.ts';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

/** The parameters of one request of the Query protocol, read by name. */
export class QueryParameters {
  readonly #parameters: URLSearchParams;

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters;
  }

  text(name: string): string | undefined {
    return this.#parameters.get(name) ?? undefined;
  }

  /**
   * The members of a list, in the order in which they came, each with the rest of its names.
   *
   * @example list('MessageAttributes.entry') // of MessageAttributes.entry.1.Name and more
   */
  list(prefix: string): QueryParameters[] {
    const members = new Map<string, URLSearchParams>();
    for (const [name, value] of this.#parameters) {
      const after = name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : '';
      const [, number, rest] = /^(\d+)\.(.+)$/.exec(after) ?? [];
      if (number !== undefined && rest !== undefined) {
        const member = members.get(number) ?? new URLSearchParams();
        member.append(rest, value);
        members.set(number, member);
      }
    }
    return [...members.values()].map((parameters) => new QueryParameters(parameters));
  }
}

/** A success. @param result texts by the name of their element */
export function xmlAnswer(operation: string, result: Readonly<Record<string, string>>): Answer {
  const elements = Object.entries(result).map(([name, text]) => element(name, escaped(text)));
  return xmlDocument(200, `${operation}Response`, (requestId) => [
    element(`${operation}Result`, ...elements),
    element('ResponseMetadata', element('RequestId', requestId)),
  ]);
}

/** An error; from status 500 on the fault is the receiver's. */
export function xmlError(status: number, code: string, message: string): Answer {
  return xmlDocument(status, 'ErrorResponse', (requestId) => [
    element(
      'Error',
      element('Type', status >= 500 ? 'Receiver' : 'Sender'),
      element('Code', escaped(code)),
      element('Message', escaped(message)),
    ),
    element('RequestId', requestId),
  ]);
}

function element(name: string, ...content: readonly string[]): string {
  return `<${name}>${content.join('')}</${name}>`;
}

function xmlDocument(
  status: number,
  root: string,
  contentOf: (requestId: string) => readonly string[],
): Answer {
  const requestId = randomUUID();
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-RequestId': requestId },
    body: `<${root} xmlns="${NAMESPACE}">${contentOf(requestId).join('')}</${root}>`,
  };
}

/** Markup becomes a numeric reference; what XML cannot hold becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[&<>\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD');
}
