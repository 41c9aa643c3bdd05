/** A role: Guest 10, Planner 15, Reporter 20, then 25, Developer 30, Maintainer 40, Owner 50. */
export type AccessLevel = 10 | 15 | 20 | 25 | 30 | 40 | 50;

/** What an access token that is no person's can be for. */
export type ResourceType = 'project' | 'group';

/** Points at a project or a group, whose ids are counted apart. */
export interface ResourceRef {
  readonly type: ResourceType;
  readonly id: number;
}

/** A project or group as the URL names it: its number, or its full path, decoded. */
export interface ResourcePath {
  readonly type: ResourceType;
  readonly idOrPath: string;
}

interface ResourceFields {
  readonly id: number;
  /** Full path, as in `group/app`. */
  path: string;
  /** Where it was before it moved. */
  formerPaths: readonly string[];
  visibility: 'private' | 'internal' | 'public';
  /** Being deleted, or hidden. */
  deleted: boolean;
  readonly createdAt: Date;
}

/** A project; what is not readonly may be changed at any time. */
export interface Project extends ResourceFields {
  readonly type: 'project';
}

/** A group; it holds whatever lies below its path. */
export interface Group extends ResourceFields {
  readonly type: 'group';
  /** The setting "allow project and group access token creation". */
  accessTokensAllowed: boolean;
}

/** What has members, bots and access tokens. */
export type Resource = Project | Group;

/** A person, a service account, or the bot that GitLab makes for each resource access token. */
export interface User {
  readonly id: number;
  readonly name: string;
  readonly kind: 'person' | 'service_account' | 'project_bot';
  /** What a bot was made for. */
  readonly resource?: ResourceRef;
  admin: boolean;
  state: 'active' | 'blocked' | 'deactivated';
}

/** A role in a project or a group. */
export interface Member {
  readonly userId: number;
  readonly resource: ResourceRef;
  level: AccessLevel;
  /** `YYYY-MM-DD`; null: for ever. */
  expiresAt: string | null;
}

/** One grant of a granular token, as GitLab repeats it. */
export interface GranularScope {
  /** `user`, `instance`, or one of the kinds that are for projects and groups: `all_memberships`. */
  readonly access: string;
  /** As in `read_personal_access_token`. */
  readonly permissions: readonly string[];
}

/** Who revoked a token. `request`: the token itself, by DELETE; `person`: somebody in the web pages. */
export type RevokedBy = 'rotation' | 'reuse-detection' | 'request' | 'person';

/** A personal, project, group or impersonation token. GitLab knows its digest, not its value. */
export interface Token {
  readonly id: number;
  readonly userId: number;
  readonly name: string;
  readonly description: string | null;
  readonly scopes: readonly string[];
  readonly granularScopes?: readonly GranularScope[];
  readonly createdAt: Date;
  /** `YYYY-MM-DD`: expired from 00:00 UTC of that day on; null: never. */
  readonly expiresAt: string | null;
  readonly impersonation: boolean;
  /** The token whose rotation made this one. */
  readonly predecessorId?: number;
  lastUsedAt: Date | null;
  revoked: boolean;
  revokedBy?: RevokedBy;
}
