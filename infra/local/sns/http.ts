import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

/** Header names in lower case. */
export type DeliveryHeaders = Readonly<Record<string, string>>;

/** How long AWS waits for an endpoint. */
const TIMEOUT_MS = 15_000;

/**
 * Whether an endpoint is on this machine: the only place where the local SNS sends anything.
 */
export function isLoopback({ hostname }: URL): boolean {
  // The parser has made dotted decimal of every spelling of an IPv4 address.
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/**
 * Sends one message to an endpoint and waits until it has answered or failed.
 *
 * One attempt, and no redirect followed: AWS's next attempts would come 20 seconds later. Never
 * rejects, as a publisher learns nothing of its subscribers.
 */
export function post(
  endpoint: string,
  headers: DeliveryHeaders,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(endpoint);
  const secure = url.protocol === 'https:';
  const send = secure ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const request = send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      // An agent of its own knows nothing of a proxy in the environment.
      agent: secure ? new HttpsAgent() : new HttpAgent(),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    request.on('response', (response) => response.resume());
    request.on('error', () => resolve()).on('close', () => resolve());
    request.end(body);
  });
}
