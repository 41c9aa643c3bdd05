import { invalidParameter } from './errors.ts';
import { isLoopback } from './http.ts';
import { PROTOCOLS, type Protocol } from './state.ts';

/** @throws {SnsRefusal} InvalidParameter for a protocol that SNS does not have */
export function checkedProtocol(name: string): Protocol {
  const protocol = PROTOCOLS.find((each) => each === name);
  if (!protocol) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${name}`);
  }
  return protocol;
}

/**
 * Checks the endpoint of a subscription: a mail address, a URL on this machine, or an ARN.
 *
 * @throws {SnsRefusal} InvalidParameter
 */
export function checkedEndpoint(protocol: Protocol, endpoint: string): string {
  switch (protocol) {
    case 'email':
    case 'email-json':
      if (!/^[^@\s]+@[^@\s]+$/.test(endpoint)) {
        throw invalidParameter('Email address');
      }
      return endpoint;
    case 'http':
    case 'https':
      checkUrl(protocol, endpoint);
      return endpoint;
    case 'sqs':
    case 'sms':
    case 'lambda':
    case 'firehose':
    case 'application':
      if (endpoint === '') {
        throw invalidParameter('Endpoint');
      }
      return endpoint;
  }
}

function checkUrl(protocol: 'http' | 'https', endpoint: string): void {
  if (!endpoint.startsWith(`${protocol}://`)) {
    throw invalidParameter('Endpoint must match the specified protocol');
  }
  const url = URL.parse(endpoint);
  if (!url) {
    throw invalidParameter('Endpoint');
  }
  if (!isLoopback(url)) {
    throw invalidParameter(
      `Endpoint Reason: this SNS sends to loopback addresses only, got ${url.hostname}`,
    );
  }
}
