import {
  type Action,
  action,
  type Cause,
  type CauseInput,
  type CauseOf,
  putStandbyAction,
  wordOf,
} from './advice-actions.ts';
import { readVersionId } from './advice-commands.ts';
import { CREATE_TOKEN, deathOf } from './advice-dead-token.ts';
import type { Details } from './failure.ts';
import type { Obstacle } from './recovery.ts';

/** Why the recovery credential could not help, as the end of a sentence, and what removes the reason. */
interface ObstacleAdvice {
  readonly why: string;
  readonly fix: readonly Action[];
}

const NEW_CREDENTIAL =
  'Create a token of a person or a service account (Maintainer of the project, of a group: Owner; scope api), and put it into the secret that RECOVERY_SECRET_ARN names.';
const NEXT_RUN = 'The next run tries again.';

const OBSTACLES: Record<Obstacle, ObstacleAdvice> = {
  'no-project': {
    why: 'the secret names neither a project nor a group. A personal token cannot be healed in this way',
    fix: [action('For a project or group token: put projectId or groupId into the secret.')],
  },
  unreadable: {
    why: 'its own secret could not be read, or has neither of the two forms',
    fix: [
      action(
        'The role of the function needs secretsmanager:GetSecretValue on the secret that RECOVERY_SECRET_ARN names, and kms:Decrypt where that has a key of its own.',
      ),
    ],
  },
  unreachable: { why: 'GitLab gave no usable answer', fix: [action(NEXT_RUN)] },
  'not-enough-time': { why: 'too little time was left in this run', fix: [action(NEXT_RUN)] },
  dead: { why: 'GitLab does not accept its token any more', fix: [action(NEW_CREDENTIAL)] },
  'scope-missing': { why: 'its token lacks the scope api', fix: [action(NEW_CREDENTIAL)] },
  refused: {
    why: 'GitLab does not let it look at the tokens or rotate one: it is the token of a project or a group, its role is too low, or the group forbids new tokens',
    fix: [action(NEW_CREDENTIAL)],
  },
  'unknown-bot': {
    why: 'nothing tells which bot user the dead token belonged to: the secret has no tokenId, GitLab does not know it, or it is the id of another token, which lives',
    fix: [],
  },
  'no-candidate': {
    why: 'the bot user has no living token left, so that only a new token helps',
    fix: [action(CREATE_TOKEN)],
  },
  'several-candidates': {
    why: 'the bot user has more than one living token, and nobody can tell which to take',
    fix: [
      action(
        'Compare the candidates in the details (id, name, time of creation) with what uses them. Rotate the one that nothing uses, in GitLab, and put its new value. Revoke the others that nothing uses.',
      ),
    ],
  },
};

/** Adds what salvage and the recovery credential came to, where they could not mend the failure. */
export function withHealing(causeOf: CauseOf): CauseOf {
  return (input) => {
    const cause = causeOf(input);
    const { details } = input.about;
    const { why, fix } = obstacleIn(details) ?? { why: undefined, fix: [] };
    const sentences = [
      cause.happened,
      ...(why === undefined ? [] : [`The recovery credential could not help: ${why}.`]),
      ...salvageText(details),
    ];
    return { ...cause, happened: sentences.join(' '), fix: [...fix, ...cause.fix] };
  };
}

function obstacleIn({ recovery }: Details): ObstacleAdvice | undefined {
  return isObstacle(recovery) ? OBSTACLES[recovery] : undefined;
}

function isObstacle(recovery: unknown): recovery is Obstacle {
  return typeof recovery === 'string' && Object.hasOwn(OBSTACLES, recovery);
}

function salvageText({ salvageVersionId }: Details): readonly string[] {
  const version = readVersionId(salvageVersionId);
  return version === undefined
    ? []
    : [
        `A living token is in version ${version} of the secret, but it could not be stored for this rotation.`,
      ];
}

/** The notice HEALED. */
export function healed(input: CauseInput): Cause {
  switch (input.about.details['cure']) {
    case 'standby':
      return healedByStandby(input);
    case 'salvage':
      return healedBySalvage(input);
    default:
      return healedByRecovery(input);
  }
}

function healedByStandby(input: CauseInput): Cause {
  const { how, replace } = deathOf(input.about.details);
  return {
    happened: `GitLab did not accept the token in AWSCURRENT: ${how}. So this rotation is the cure: the standby token was rotated, and its successor becomes current. The dead token is the standby now.`,
    affected:
      'Whoever read this secret until now had a dead token. Once this rotation is through, nobody. But the next rotation needs a living standby token.',
    fix: [...replace, putStandbyAction(input)],
    next: 'nothing',
  };
}

function healedBySalvage({ about, commands }: CauseInput): Cause {
  const version = readVersionId(about.details['salvageVersionId']);
  const where = version === undefined ? 'another version' : `version ${version}`;
  return {
    happened: `GitLab did not accept the token that was to be rotated. A living one was still in ${where} of the secret, which had lost its label. It is stored again, and the rotation goes on with it.`,
    affected: HEALED_AFFECTS,
    fix: [
      action(
        'Find out why that version was not made current: a rotation that AWS gave up (RotationAbandoned in CloudTrail), or a hand in the secret.',
        commands.labels,
      ),
    ],
    next: 'nothing',
  };
}

function healedByRecovery({ about: { details }, commands }: CauseInput): Cause {
  const expires =
    typeof details['recoveryExpiresAt'] === 'string' ? details['recoveryExpiresAt'] : '';
  return {
    happened:
      'A token was rotated, and its successor was lost. The recovery credential found it at GitLab and rotated it by its id. The new value is stored, and the rotation goes on with it. The bot user and its rights stay as they were.',
    affected: HEALED_AFFECTS,
    fix: [
      action('See in the log how the successor was lost.', commands.logs),
      ...(/^\d{4}-\d{2}-\d{2}$/.test(expires)
        ? [action(`The recovery token itself expires on ${expires}: put a new one before.`)]
        : []),
    ],
    next: 'nothing',
  };
}

const HEALED_AFFECTS =
  'Nobody, once this rotation is through. Until then, whoever reads this secret may get a dead token.';

/** The notice EXPIRES_TOO_SOON, of the recovery credential. */
export function recoveryExpires({ about: { details }, commands }: CauseInput): Cause {
  const next = wordOf(details, 'recovery') === 'expires-too-soon';
  const why = next
    ? `its token expires on ${details['recoveryExpiresAt']}, before the next rotation is through`
    : (obstacleIn(details)?.why ?? 'it is not usable');
  return {
    happened: `The recovery credential would not help when it is needed: ${why}.`,
    affected: 'Nobody now. But a successor that is lost would have to be found by a person.',
    fix: [
      ...(next ? [action(NEW_CREDENTIAL)] : (obstacleIn(details)?.fix ?? [])),
      action('See which secret RECOVERY_SECRET_ARN names.', commands.environment),
    ],
    next: 'nothing',
  };
}
