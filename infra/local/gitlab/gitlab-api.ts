import { randomBytes } from 'node:crypto';
import type { Answer, Call } from '../server/wire.ts';
import { authenticate, presentedValue } from './api/authentication.ts';
import { nginxPage, rateLimited } from './api/fault-answers.ts';
import { refuseScope } from './api/permissions.ts';
import { mediaType, readParameters } from './api/request.ts';
import { findRoute, type Operation, routeIn } from './api/routes.ts';
import { dispatch } from './endpoints/endpoints.ts';
import type { Holds } from './state/holds.ts';
import { inMaintenance, READ_ONLY, Refused, ROUTE_NOT_FOUND } from './state/refusals.ts';
import { isSince } from './state/settings.ts';
import type { GitLabState } from './state/state.ts';

// The letters of a ULID, which is what Workhorse names a request with.
const ULID_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID_LENGTH = 26;

/** Where a GitLab is and what it works with. */
export interface GitLabApiProps {
  readonly state: GitLabState;
  readonly holds: Holds;
  readonly scheme: 'http' | 'https';
  /** The path under which the whole GitLab lies: empty, or as in `/gitlab`. */
  readonly relativeRoot: string;
}

/** What is known of a request's credential when it arrives. */
export interface Presented {
  /** Absent where the credential is unknown. */
  readonly tokenId?: number;
  readonly dead?: boolean;
}

/** GitLab's REST API: takes a request through its checks, in GitLab's order, to its endpoint. */
export class GitLabApi {
  readonly #props: GitLabApiProps;
  readonly #root: string;

  constructor(props: GitLabApiProps) {
    this.#props = props;
    this.#root = `${props.relativeRoot}/api/v4`;
  }

  operationOf(call: Call): Operation {
    return findRoute(call.method, this.#pathOf(call) ?? '')?.operation ?? 'other';
  }

  /** Looks at the credential without doing anything about it. */
  presented(call: Call): Presented {
    const { state } = this.#props;
    const value = presentedValue(call);
    const token = value === undefined ? undefined : state.tokenWith(value);
    return token ? { tokenId: token.id, dead: !state.isActive(token) } : {};
  }

  async answer(call: Call): Promise<Answer> {
    const answer = await this.#handle(call).catch((error: unknown) => {
      if (error instanceof Refused) {
        return error.answer;
      }
      throw error;
    });
    // By GitLab's own clock, which may be another than the machine's.
    const date = this.#props.state.now().toUTCString();
    const headers = { ...answer.headers, Date: date, 'X-Request-Id': requestId() };
    return { ...answer, headers };
  }

  async #handle(call: Call): Promise<Answer> {
    const { state, holds } = this.#props;
    const { settings } = state;
    this.#refuseForNow(call);
    const path = this.#pathOf(call);
    if (path === undefined) {
      return nginxPage(404);
    }
    const current = findRoute(call.method, path);
    const route = current && routeIn(settings, current);
    if (!route) {
      throw new Refused(ROUTE_NOT_FOUND);
    }
    const parameters = readParameters(call);
    const caller = authenticate(state, call);
    refuseScope(state, caller, call.method, route);
    const apiUrl = `${this.#origin(call)}${this.#root}`;
    return dispatch({ state, holds, caller, parameters, apiUrl }, route);
  }

  /** The two checks that come before everything else. */
  #refuseForNow(call: Call): void {
    const { settings, now } = this.#props.state;
    if (settings.retryAfterSeconds !== undefined) {
      throw new Refused(rateLimited(settings.retryAfterSeconds, now()));
    }
    const { readOnly, maintenance } = settings;
    if (!(readOnly || maintenance) || call.method === 'GET') {
      return;
    }
    if (mediaType(call.headers['content-type']) !== 'application/json') {
      const home = `${this.#origin(call)}${this.#props.relativeRoot}/`;
      throw new Refused({ status: 301, headers: { Location: home }, body: '' });
    }
    throw new Refused(
      maintenance && isSince(settings, '18.2') ? inMaintenance(maintenance) : READ_ONLY,
    );
  }

  #pathOf({ path }: Call): string | undefined {
    return path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length) : undefined;
  }

  #origin({ headers }: Call): string {
    return `${this.#props.scheme}://${headers['host']}`;
  }
}

function requestId(): string {
  return Array.from(randomBytes(ULID_LENGTH), (byte) => ULID_LETTERS[byte % 32]).join('');
}
