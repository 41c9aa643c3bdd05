import { hash } from 'node:crypto';
import { dayIn } from './dates.ts';
import type {
  Group,
  Member,
  Project,
  Resource,
  ResourceRef,
  ResourceType,
  Token,
  User,
} from './model.ts';
import type { GitLabSettings } from './settings.ts';

/** GitLab's database: tables whose ids grow by one, and what can be asked of them. */
export class GitLabState {
  readonly settings: GitLabSettings;
  readonly now: () => Date;
  readonly projects: Project[] = [];
  readonly groups: Group[] = [];
  readonly users: User[] = [];
  readonly members: Member[] = [];
  readonly tokens: Token[] = [];
  /** By the id of the user. */
  readonly #memberships = new Map<number, Member[]>();
  readonly #tokensByDigest = new Map<string, Token>();

  constructor(settings: GitLabSettings, now: () => Date) {
    this.settings = settings;
    this.now = now;
  }

  /** The day in the instance's own time zone, `YYYY-MM-DD`. */
  get today(): string {
    return dayIn(this.settings.timeZone, this.now());
  }

  /** @throws {Error} where that value is taken */
  addToken(token: Token, value: string): void {
    const digest = digestOf(value);
    if (this.#tokensByDigest.has(digest)) {
      throw new Error('a token with this value exists already');
    }
    this.#tokensByDigest.set(digest, token);
    this.tokens.push(token);
  }

  /** The token that has a value. */
  tokenWith(value: string): Token | undefined {
    return this.#tokensByDigest.get(digestOf(value));
  }

  /** @throws {Error} for an id that was never given */
  user(id: number): User {
    return byId(this.users, id, 'user');
  }

  /** @throws {Error} for an id that was never given */
  token(id: number): Token {
    return byId(this.tokens, id, 'token');
  }

  resources(type: ResourceType): readonly Resource[] {
    return type === 'project' ? this.projects : this.groups;
  }

  addMember(member: Member): Member {
    const { userId } = member;
    this.members.push(member);
    this.#memberships.set(userId, [...(this.#memberships.get(userId) ?? []), member]);
    return member;
  }

  member(userId: number, resource: ResourceRef): Member | undefined {
    return this.#memberships.get(userId)?.find((member) => isSame(member.resource, resource));
  }

  /** The tokens of the bots that were made for this project or group. */
  tokensOf(resource: ResourceRef): Token[] {
    return this.tokens.filter(({ userId }) => {
      const madeFor = this.user(userId).resource;
      return madeFor !== undefined && isSame(madeFor, resource);
    });
  }

  /** A date means its first instant in UTC, whatever the instance's time zone. */
  isExpired({ expiresAt }: Pick<Token, 'expiresAt'>): boolean {
    return expiresAt !== null && this.now().getTime() >= Date.parse(expiresAt);
  }

  isActive(token: Token): boolean {
    return !token.revoked && !this.isExpired(token);
  }
}

function digestOf(value: string): string {
  return hash('sha256', value, 'base64');
}

function byId<T extends { readonly id: number }>(table: readonly T[], id: number, name: string): T {
  // The first has id 1, and none is ever removed.
  const row = table[id - 1];
  if (!row) {
    throw new Error(`there is no ${name} ${id}`);
  }
  return row;
}

function isSame(one: ResourceRef, other: ResourceRef): boolean {
  return one.type === other.type && one.id === other.id;
}
