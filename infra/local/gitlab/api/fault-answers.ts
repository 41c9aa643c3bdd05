import { STATUS_CODES } from 'node:http';
import type { Answer } from '../../server/wire.ts';
import { json } from '../state/refusals.ts';

/** GitLab's own 500: an exception, or its limit of 60 seconds. */
export function crash(): Answer {
  return json(500, { message: '500 Internal Server Error' });
}

/** GitLab's answer to trouble with a lock. */
export function locked(): Answer {
  return json(409, { message: '409 Conflict: Resource lock' });
}

/** The page that nginx, in front of GitLab, shows for a status of its own. */
export function nginxPage(status: number): Answer {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`;
  return html(
    status,
    [
      `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n`,
      `<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
    ].join(''),
  );
}

/** nginx got no answer from GitLab that it could pass on. */
export function badGateway(): Answer {
  return nginxPage(502);
}

/** nginx has no server to pass the request to. */
export function serviceUnavailable(): Answer {
  return nginxPage(503);
}

/** nginx stopped waiting for GitLab, which may go on working. */
export function gatewayTimeout(): Answer {
  return nginxPage(504);
}

/** A proxy that sends the caller elsewhere, to its login page or from http to https. */
export function redirectTo(location: string, status: 301 | 302 = 302): Answer {
  const page = nginxPage(status);
  return { ...page, headers: { ...page.headers, Location: location } };
}

/** A proxy that shows its login page right away, with status 200. */
export function loginPage(): Answer {
  return html(
    200,
    '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n',
  );
}

/** GitLab's rate limiter (`lib/gitlab/rack_attack.rb`), with a limit of one request a minute. */
export function rateLimited(retryAfterSeconds: number, now = new Date()): Answer {
  const reset = new Date(now.getTime() + retryAfterSeconds * 1000);
  return {
    status: 429,
    headers: {
      'Content-Type': 'text/plain',
      'Retry-After': String(retryAfterSeconds),
      'RateLimit-Name': 'throttle_unauthenticated_api',
      'RateLimit-Limit': '1',
      'RateLimit-Observed': '2',
      'RateLimit-Remaining': '0',
      'RateLimit-Reset': String(Math.floor(reset.getTime() / 1000)),
      'RateLimit-ResetTime': reset.toUTCString(),
    },
    body: 'Retry later\n',
  };
}

function html(status: number, body: string): Answer {
  return { status, headers: { 'Content-Type': 'text/html' }, body };
}
