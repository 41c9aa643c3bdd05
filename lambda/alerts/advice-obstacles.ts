import type { Details } from '../failure.ts';
import type { Obstacle } from '../healing/recovery-failure.ts';
import type { Refusal } from '../ports/access-tokens.ts';
import { type Action, action, NEVER_IN_HISTORY } from './advice-actions.ts';
import type { Commands } from './advice-commands.ts';
import { maintenanceIn } from './advice-maintenance.ts';
import { permissionIn, REFUSALS } from './advice-refusals.ts';

/** Why the recovery credential could not help, as the end of a sentence, and what removes the reason. */
interface ObstacleAdvice {
  readonly why: string;
  readonly fix: readonly Action[];
  /** Whether the rotation can still be healed when the reason is gone. @default false */
  readonly heals?: true;
}

type ObstacleOf = (commands: Commands, details: Details) => ObstacleAdvice;

const NEXT_TRY = action(
  'The next try looks again, if the secret has a tokenId. If it has none, only this run could know the bot user.',
);

const OBSTACLES: Record<Obstacle, ObstacleOf> = {
  'no-project': () => ({
    why: 'neither the secret nor the function names the project or the group. A personal token cannot be healed in this way',
    fix: [
      action(
        'For the token of a project or a group: put projectId or groupId into the secret (for plain text: GITLAB_PROJECT_ID of the function).',
      ),
    ],
    heals: true,
  }),
  unreadable: ({ findRecovery, role }) => ({
    why: 'its own secret could not be read, or holds no token',
    fix: [
      action('See which secret that is.', findRecovery, 'echo "$RECOVERY_SECRET_ARN"'),
      action(
        'The role of the function needs secretsmanager:GetSecretValue on it, and kms:Decrypt where it has a key of its own.',
        role,
      ),
    ],
    heals: true,
  }),
  unreachable: (_commands, details) => ({
    why: withMaintenance('GitLab gave no usable answer', details),
    fix: [NEXT_TRY],
  }),
  raced: () => ({
    why: 'another run, or a person, rotated the lost token first. What came of that was left alone, since whoever has it may still store it',
    fix: [NEXT_TRY],
  }),
  'not-enough-time': (_commands, details) => ({
    why: withMaintenance('too little time was left in this run', details),
    fix: [NEXT_TRY],
  }),
  dead: (commands) => unfit(commands, 'GitLab does not accept the recovery token any more'),
  'scope-missing': (commands) => unfit(commands, 'the recovery token lacks the scope api'),
  refused: (commands, details) => refused(commands, details),
  'clocks-differ': () => ({
    why: 'by the clock of GitLab a new token would be expired at once, so it was not asked for one',
    fix: [
      action(
        'Compare the clock of the GitLab server with the right time (UTC), and set whichever is wrong.',
      ),
      NEXT_TRY,
    ],
  }),
  'unknown-bot': () => ({
    why: 'nothing tells which bot user the dead token belonged to: the secret has no tokenId, GitLab does not know it, or it is the id of another token, which lives',
    fix: [],
  }),
  'no-candidate': () => ({
    why: 'the bot user has no living token left, so only a new token helps',
    fix: [],
  }),
  'several-candidates': () => ({
    why: 'the bot user has more than one living token, and nobody can tell which to take',
    fix: [
      action(
        'Compare the candidates in the details (id, beginning of the name, time of creation) with what uses them: GitLab shows when each was last used. Choose Rotate for one that nothing uses, and put its new value. Revoke the others that nothing uses.',
      ),
    ],
  }),
};

/** Another recovery token, and where it belongs. */
export function newCredential({ findRecovery, putRecovery }: Commands): readonly Action[] {
  return [
    action(
      'Create a token for recovery in GitLab: of a person or a service account, Maintainer of the project (of a group: Owner), scope api. The token of a project or a group cannot do it.',
    ),
    action('See which secret it belongs into.', findRecovery, 'echo "$RECOVERY_SECRET_ARN"'),
    action(`Put it there. ${NEVER_IN_HISTORY}`, putRecovery),
  ];
}

/** The refusals whose reason is not the recovery token. */
const ELSEWHERE: ReadonlySet<unknown> = new Set<Refusal>([
  'intercepted',
  'ip-not-allowed',
  'not-gitlab',
  'path-decoded',
  'path-not-found',
  'project-moved',
  'project-not-found',
  'read-only',
]);

/** The refusals whose reason is a known fault of the recovery token. */
const UNFIT: Partial<Record<Refusal, string>> = {
  'not-active': 'GitLab says that the recovery token is not active',
  'not-an-access-token':
    'the recovery token is of another kind (OAuth, CI job, deploy token), which can rotate no other',
  'permission-missing': 'the recovery token is a fine-grained one, and lacks a permission',
  'scope-missing': 'GitLab says that the recovery token lacks the scope api',
  'user-blocked': 'the user of the recovery token is blocked or deactivated in GitLab',
};

function refused(commands: Commands, details: Details): ObstacleAdvice {
  const refusal = details['recoveryRefusal'];
  if (ELSEWHERE.has(refusal)) {
    const { why, fix } = REFUSALS[refusal as Refusal];
    return { why: `GitLab refused it, since ${why}`, fix: fix(commands), heals: true };
  }
  const fault = Object.entries(UNFIT).find(([name]) => name === refusal)?.[1];
  if (fault !== undefined) {
    return unfit(commands, `${fault}${permissionIn(details)}`);
  }
  return unfit(
    commands,
    'GitLab does not let it see the tokens, or rotate one. Either it is the token of a project or a group, or its role is too low (at least that of the lost token), or the group forbids project access tokens',
  );
}

function withMaintenance(why: string, details: Details): string {
  const maintenance = maintenanceIn(details)?.replace(/\.$/, '');
  return maintenance === undefined ? why : `${why}. ${maintenance}`;
}

function unfit(commands: Commands, why: string): ObstacleAdvice {
  return { why, fix: newCredential(commands), heals: true };
}

/** What `details.recovery` names; undefined where it names nothing. */
export function obstacleIn(details: Details, commands: Commands): ObstacleAdvice | undefined {
  const { recovery } = details;
  return isObstacle(recovery) ? OBSTACLES[recovery](commands, details) : undefined;
}

function isObstacle(recovery: unknown): recovery is Obstacle {
  return typeof recovery === 'string' && Object.hasOwn(OBSTACLES, recovery);
}
