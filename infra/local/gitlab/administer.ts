import type {
  AddProjectProps,
  AddUserProps,
  Administration,
  CreateAccessTokenProps,
  CreatedToken,
  CreatePersonalTokenProps,
} from './administration.ts';
import { addDays } from './state/dates.ts';
import type { AccessLevel, Member, Resource, ResourceType, User } from './state/model.ts';
import { insertToken } from './state/rotation.ts';
import type { GitLabState } from './state/state.ts';

/** Of a token that is set up without a date. */
const GIVEN_LIFETIME_DAYS = 30;

/** Lets a test, or a demonstration, set a GitLab up. */
export function administer(state: GitLabState): Administration {
  return {
    addProject: (props) =>
      add(state.projects, { type: 'project', ...newResource(state, 'project', props) }),
    addGroup: ({ accessTokensAllowed = true, ...props }) =>
      add(state.groups, {
        type: 'group',
        ...newResource(state, 'group', props),
        accessTokensAllowed,
      }),
    addUser: (props = {}) => addUser(state, props),
    addMember: (user, resource, level, expiresAt) =>
      addMember(state, user, resource, level, expiresAt),
    createAccessToken: (props) => createAccessToken(state, props),
    createPersonalToken: ({ user, ...props }) => createToken(state, user, props),
    revoke: (tokenId) => {
      Object.assign(state.token(tokenId), { revoked: true, revokedBy: 'person' });
    },
    user: (id) => state.user(id),
  };
}

function add<T>(table: T[], row: T): T {
  table.push(row);
  return row;
}

function newResource(
  state: GitLabState,
  type: ResourceType,
  { path, visibility = 'private', formerPaths = [] }: AddProjectProps,
) {
  const id = state.resources(type).length + 1;
  return { id, path, visibility, formerPaths, deleted: false, createdAt: state.now() };
}

function addUser(
  state: GitLabState,
  {
    name,
    kind,
    admin,
    resource,
  }: Omit<AddUserProps, 'kind'> & Partial<Pick<User, 'kind' | 'resource'>>,
): User {
  const id = state.users.length + 1;
  return add(state.users, {
    id,
    name: name ?? `user ${id}`,
    kind: kind ?? 'person',
    ...(resource && { resource }),
    admin: admin ?? false,
    state: 'active',
  });
}

function addMember(
  state: GitLabState,
  { id: userId }: User,
  { type, id }: Resource,
  level: AccessLevel,
  expiresAt: string | null = null,
): Member {
  return state.addMember({ userId, resource: { type, id }, level, expiresAt });
}

function createAccessToken(
  state: GitLabState,
  { resource, accessLevel = 40, ...props }: CreateAccessTokenProps,
): CreatedToken {
  const { type, id } = resource;
  const bot = addUser(state, {
    name: props.name ?? 'publish',
    kind: 'project_bot',
    resource: { type, id },
  });
  addMember(state, bot, resource, accessLevel);
  return createToken(state, bot, props);
}

function createToken(
  state: GitLabState,
  user: User,
  props: Omit<CreatePersonalTokenProps, 'user'>,
): CreatedToken {
  const {
    scopes,
    name = 'publish',
    description = null,
    granularScopes,
    impersonation = false,
  } = props;
  const { expiresAt = addDays(state.today, GIVEN_LIFETIME_DAYS), value } = props;
  const issued = insertToken(
    state,
    {
      userId: user.id,
      name,
      description,
      scopes,
      ...(granularScopes && { granularScopes }),
      expiresAt,
      impersonation,
    },
    value,
  );
  return { id: issued.token.id, token: issued.value, userId: user.id };
}
