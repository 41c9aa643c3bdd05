import { request } from 'undici';
import type {
  CreateAccessTokenProps,
  CreatedToken,
  CreatePersonalTokenProps,
} from '../../../../infra/local/gitlab/administration.ts';
import {
  type GitLab,
  type StartGitLabProps,
  startGitLab,
} from '../../../../infra/local/gitlab/gitlab.ts';
import type {
  AccessLevel,
  Resource,
  ResourceType,
} from '../../../../infra/local/gitlab/state/model.ts';

/** The rows that hold for both are run for both. */
export const BOTH: readonly ResourceType[] = ['project', 'group'];

/** Today is 2026-11-22 in every test, until its clock is set. */
export const TODAY = '2026-11-22';

/** An answer as the tests compare it, and beside it all the headers. */
export interface Reply {
  readonly answer: { readonly status: number; readonly type: string; readonly body: unknown };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What a request has beside method and path. */
export interface SendOptions {
  /** Sent as a Bearer. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string;
  readonly signal?: AbortSignal;
}

/** How a test wants its start to differ. */
export interface GivenProps extends Pick<StartGitLabProps, 'settings' | 'relativeRoot'> {
  /** @default 'project' */
  readonly type?: ResourceType;
  /** Of the token `first`. @default `self_rotate`, for a Maintainer bot, 30 days */
  readonly token?: Partial<CreateAccessTokenProps>;
}

/**
 * What the rows start from: project 1 `group/app` (or group 1 `group`) private
 * with a bot and its active token `first`; 2 private and 3 public, both foreign.
 */
export class Given implements AsyncDisposable {
  readonly gitlab: GitLab;
  readonly clock: { now: Date };
  readonly resource: Resource;
  readonly first: CreatedToken;
  /** The URL of the project or group, below the API. */
  readonly home: string;

  constructor(
    gitlab: GitLab,
    clock: { now: Date },
    resource: Resource,
    token: CreateAccessTokenProps,
  ) {
    this.gitlab = gitlab;
    this.clock = clock;
    this.resource = resource;
    this.first = gitlab.createAccessToken(token);
    this.home = `/${resource.type}s/${resource.id}`;
  }

  async send(method: string, path: string, options: SendOptions = {}): Promise<Reply> {
    const { token, headers, body, signal } = options;
    const isJson = typeof body === 'object';
    const {
      statusCode,
      headers: got,
      body: stream,
    } = await request(`${this.gitlab.url}/api/v4${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(isJson && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(signal && { signal }),
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body }),
    });
    const type = String(got['content-type'] ?? '');
    const text = await stream.text();
    const read: unknown = type === 'application/json' ? JSON.parse(text) : text;
    return { answer: { status: statusCode, type, body: read }, headers: got };
  }

  /** R: the token rotates itself, on its own project or group unless a path is given. */
  rotate(token: string, body?: object, home: string = this.home): Promise<Reply> {
    return this.send('POST', `${home}/access_tokens/self/rotate`, { token, ...(body && { body }) });
  }

  /** RP: the same without a project or group in the path. */
  rotatePersonal(token: string, body?: object): Promise<Reply> {
    const path = '/personal_access_tokens/self/rotate';
    return this.send('POST', path, { token, ...(body && { body }) });
  }

  /** RI: rotates another token by its id. */
  rotateById(token: string, id: number, body?: object): Promise<Reply> {
    const path = `${this.home}/access_tokens/${id}/rotate`;
    return this.send('POST', path, { token, ...(body && { body }) });
  }

  /** S */
  probe(token: string): Promise<Reply> {
    return this.send('GET', '/personal_access_tokens/self', { token });
  }

  /** D */
  revoke(token: string): Promise<Reply> {
    return this.send('DELETE', '/personal_access_tokens/self', { token });
  }

  /** Tells from outside which of these tokens GitLab would accept, as one object. */
  alive(...values: readonly string[]): Readonly<Record<string, boolean>> {
    return Object.fromEntries(values.map((value) => [value, this.gitlab.isActive(value)]));
  }

  /** A person's token, `person` unless named otherwise, with a role where the token is for. */
  person(
    level: AccessLevel | undefined,
    { admin = false, ...props }: Partial<CreatePersonalTokenProps> & { admin?: boolean } = {},
  ): CreatedToken {
    const user = this.gitlab.addUser({ admin });
    if (level !== undefined) {
      this.gitlab.addMember(user, this.resource, level);
    }
    return this.gitlab.createPersonalToken({ user, scopes: ['api'], value: 'person', ...props });
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.gitlab[Symbol.asyncDispose]();
  }
}

/** Starts a GitLab and fills it with what the rows start from. */
export async function given(props: GivenProps = {}): Promise<Given> {
  const { type = 'project', settings, relativeRoot, token } = props;
  const clock = { now: new Date(`${TODAY}T09:03:36.008Z`) };
  const gitlab = await startGitLab({
    now: () => clock.now,
    settings: { tokenValues: 'words', ...settings },
    ...(relativeRoot !== undefined && { relativeRoot }),
  });
  const home = gitlab.addGroup({ path: 'group' });
  gitlab.addGroup({ path: 'hidden' });
  gitlab.addGroup({ path: 'open', visibility: 'public' });
  const project = gitlab.addProject({ path: 'group/app' });
  gitlab.addProject({ path: 'hidden/app' });
  gitlab.addProject({ path: 'open/app', visibility: 'public' });
  const resource = type === 'project' ? project : home;
  return new Given(gitlab, clock, resource, {
    resource,
    description: 'npm publish',
    scopes: ['self_rotate'],
    value: 'first',
    ...token,
  });
}
