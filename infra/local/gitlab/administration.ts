import type {
  AccessLevel,
  GranularScope,
  Group,
  Member,
  Project,
  Resource,
  User,
} from './state/model.ts';

/** A new project. */
export interface AddProjectProps {
  /** Full path; the groups in it need not exist. */
  readonly path: string;
  /** @default 'private' */
  readonly visibility?: Project['visibility'];
  /** @default - it never moved */
  readonly formerPaths?: readonly string[];
}

/** A new group. */
export interface AddGroupProps extends AddProjectProps {
  /** @default true */
  readonly accessTokensAllowed?: boolean;
}

/** A new user who is no bot. */
export interface AddUserProps {
  /** @default - a name made of the id */
  readonly name?: string;
  /** @default 'person' */
  readonly kind?: 'person' | 'service_account';
  /** @default false */
  readonly admin?: boolean;
}

/** What is said of any new token. */
export interface CreateTokenProps {
  readonly scopes: readonly string[];
  /** @default 'publish' */
  readonly name?: string;
  /** @default - none */
  readonly description?: string;
  /** `YYYY-MM-DD`; null: never. Unlike over the API, any date will do. @default - in 30 days */
  readonly expiresAt?: string | null;
  /** Makes a granular token. */
  readonly granularScopes?: readonly GranularScope[];
  /** @default - as the settings say */
  readonly value?: string;
}

/** A new project or group access token. */
export interface CreateAccessTokenProps extends CreateTokenProps {
  /** The project or group that the token is for. */
  readonly resource: Resource;
  /** The role of its bot. @default 40, Maintainer */
  readonly accessLevel?: AccessLevel;
}

/** A new token of a person or service account. */
export interface CreatePersonalTokenProps extends CreateTokenProps {
  readonly user: User;
  /** Made by an administrator, to act as this user. @default false */
  readonly impersonation?: boolean;
}

/** A new token: the only time that its value is shown. */
export interface CreatedToken {
  readonly id: number;
  readonly token: string;
  readonly userId: number;
}

/** What people do in the web pages. Nothing of it counts as a request. */
export interface Administration {
  addProject(props: AddProjectProps): Project;
  addGroup(props: AddGroupProps): Group;
  addUser(props?: AddUserProps): User;
  /** @param expiresAt `YYYY-MM-DD`. @default - for ever */
  addMember(user: User, resource: Resource, level: AccessLevel, expiresAt?: string): Member;
  /** Makes a project or group access token, and its bot user with it. */
  createAccessToken(props: CreateAccessTokenProps): CreatedToken;
  createPersonalToken(props: CreatePersonalTokenProps): CreatedToken;
  /** Revokes one token; its successors stay active. */
  revoke(tokenId: number): void;
  /** The user with this id, to block it for example. */
  user(id: number): User;
}
