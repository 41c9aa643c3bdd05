import type { Details } from '../failure.ts';
import {
  type Action,
  action,
  type Cause,
  type CauseInput,
  type CauseOf,
  EXPIRY_AFFECTS,
  putActions,
  putAgainActions,
  putStandbyAction,
  SERVED,
  storeLaterActions,
  tokenName,
  wordOf,
} from './advice-actions.ts';
import { type Commands, readTokenId } from './advice-commands.ts';
import {
  CREATE_STANDBY,
  CREATE_TOKEN,
  deathOf,
  FIND_SUCCESSOR,
  isDeathReason,
  NEVER_THE_OLD_TOKEN,
  REPLACE_LOST,
  ROTATE_BY_ID,
} from './advice-dead-token.ts';
import { withHealing } from './advice-healing.ts';
import { AWAIT_MAINTENANCE, durationText, maintenanceIn } from './advice-maintenance.ts';
import { CHECK_URL, permissionIn, refusalAdvice } from './advice-refusals.ts';
import { pendingTokenRejected } from './advice-rejected.ts';
import { currentTokenRevoked, isReuse } from './advice-reuse.ts';

const CONSUMERS_STUCK =
  'Everybody who reads this secret: the token in AWSCURRENT is dead until a new one is put.';

/** Causes on the side of GitLab. */
export const GITLAB_CAUSES = {
  GITLAB_UNREACHABLE: ({ about: { details }, commands }) => ({
    ...unreachable(details, commands),
    next: 'retry',
  }),

  GITLAB_RATE_LIMITED: ({ about: { details } }) => ({
    happened: `GitLab answered that too many requests come from this address or user${pauseIn(details)}.`,
    fix: [
      action(
        'If it lasts: a token with the scope self_rotate alone is limited by address, together with everything behind the same NAT gateway. Find out what else calls GitLab from there, or have the limit raised.',
      ),
    ],
    next: 'retry',
  }),

  CURRENT_TOKEN_DEAD: withHealing((input) => {
    if (isReuse(input) || input.about.details['previousVersionId'] !== undefined) {
      return currentTokenRevoked(input);
    }
    const { how, replace } = deathOf(input.about.details);
    return {
      happened: `GitLab does not accept the token in AWSCURRENT: ${how}.`,
      affected: 'Everybody who reads this secret: GitLab refuses the token in AWSCURRENT.',
      fix: [...replace, ...putActions(input), ...standbyDeadToo(input)],
      next: 'settle',
    };
  }),

  SCOPE_MISSING: (input) => {
    const { details } = input.about;
    const isStandby = details['standby'] === true;
    return {
      happened: `The ${tokenName(details)} lives, but it has neither of the scopes self_rotate and api, so it cannot rotate itself.`,
      affected: isStandby ? SERVED : EXPIRY_AFFECTS,
      fix: isStandby
        ? [
            action(
              `Scopes cannot be added to a token. ${CREATE_STANDBY} If that token has neither scope itself, both must be replaced.`,
            ),
            ...putAgainActions(input, isStandby),
            action('Then revoke the standby token that was there, in GitLab.'),
          ]
        : [
            action(`Scopes cannot be added to a token. ${CREATE_TOKEN}`),
            ...putActions(input),
            action('When consumers have the new token: revoke the old one in GitLab.'),
          ],
      next: 'settle',
    };
  },

  ROTATION_REFUSED: (input) => {
    const { details } = input.about;
    const { head, why, fix, isReplaced = false } = refusalAdvice(details['refusal']);
    const isStandby = details['standby'] === true;
    const refused = isStandby ? 'GitLab refused the standby token' : 'GitLab refused';
    return {
      happened: `${head ?? refused}: ${why}${permissionIn(details)}.`,
      affected: isStandby
        ? 'Nobody by this: consumers have the other token. But the next rotation needs a standby token that GitLab accepts.'
        : 'Nobody yet: nothing was rotated. Everybody who reads this secret, once the token expires.',
      fix: [...fix(input.commands), ...(isReplaced ? putAgainActions(input, isStandby) : [])],
      next: isReplaced ? 'settle' : 'retry',
    };
  },

  ROTATION_OUTCOME_UNKNOWN: ({ about: { details }, commands }) => ({
    happened: `The request to rotate was sent, and ${answerIn(details)}. To the end of this run GitLab had not been seen to revoke the old token, but it may still do so.`,
    fix: [
      ...(maintenanceIn(details) === undefined ? [] : [AWAIT_MAINTENANCE]),
      action(
        `Wait for the next run: it asks GitLab first, and rotates only if the token is alive. If the token turns out dead, and nothing heals that, the next alert says ${details['currentAlive'] === true ? 'STANDBY_DEAD' : 'CURRENT_TOKEN_DEAD'} and what to do.`,
      ),
      action(`${NEVER_THE_OLD_TOKEN} So rotate by hand only through Secrets Manager.`),
      action(
        'See what the function logged, and what GitLab logged for its request id.',
        commands.logs,
      ),
    ],
    next: 'retry',
  }),

  SUCCESSOR_LOST: withHealing((input) => ({
    happened:
      'GitLab rotated the token, but its answer was lost. The old token is dead. The new one lives in GitLab, but nobody has its value.',
    affected: CONSUMERS_STUCK,
    fix: [...REPLACE_LOST, ...putActions(input)],
    next: 'settle',
  })),

  SUCCESSOR_NOT_STORED: (input) => {
    const { about, commands } = input;
    const id = readTokenId(about.details['tokenId']);
    return {
      happened: `GitLab rotated the token, but the new one could not be stored in Secrets Manager. The old token is dead. The new one lives in GitLab${id === undefined ? '' : ` with the id ${id}`}, but it is stored nowhere. The process of this run still has its value.`,
      affected: CONSUMERS_STUCK,
      fix: [
        ...storeLaterActions(input),
        action(NEVER_THE_OLD_TOKEN),
        action(FIND_SUCCESSOR),
        action(ROTATE_BY_ID, commands.rotateById),
        action(`If there is none: ${CREATE_TOKEN}`),
        ...putActions(input),
        action(
          'If your put is refused too: the details say what refused the function. See the key of the secret.',
          commands.key,
        ),
      ],
      next: 'settle',
    };
  },

  PENDING_TOKEN_REJECTED: pendingTokenRejected,
} as const satisfies Record<string, CauseOf>;

/** What is left to do for a secret of two when consumers have a living token again. */
function standbyDeadToo(input: CauseInput): readonly Action[] {
  return isDeathReason(input.about.details['standbyReason'])
    ? [
        action(
          'The standby token is dead too, so the next rotation would fail. Replace it when consumers have a living token.',
        ),
        action(CREATE_STANDBY),
        putStandbyAction(input),
      ]
    : [];
}

/** What came, and what is left to check: who answered has been reached. */
function unreachable(details: Details, { environment }: Commands): Pick<Cause, 'happened' | 'fix'> {
  const maintenance = maintenanceIn(details);
  const { status = 'unknown', reason } = details;
  if (maintenance !== undefined) {
    return { happened: maintenance, fix: [AWAIT_MAINTENANCE] };
  }
  if (reason === 'NOT_GITLAB') {
    return {
      happened: `Something that is not the API of GitLab answered (status ${status}): a login page, a web application firewall, or another server.`,
      fix: [action(CHECK_URL, environment)],
    };
  }
  const happened = `The function got no usable answer from GitLab${reasonIn(details)}.`;
  if (typeof status === 'number') {
    return {
      happened,
      fix: [
        ...(status < 500 ? [action(CHECK_URL, environment)] : []),
        action(
          'If it lasts: see whether GitLab is up, and what a proxy or load balancer before it logs. DNS and route are in order, since something answered.',
        ),
      ],
    };
  }
  return {
    happened,
    fix: [
      action(
        'If it lasts: see whether GitLab is up, and check the way to it: DNS, route, security group, proxy (HTTPS_PROXY), certificate authority (GITLAB_CA_FILE), GITLAB_URL.',
        environment,
      ),
    ],
  };
}

/** What came of the rotate request, as the end of a sentence. */
function answerIn(details: Details): string {
  const maintenance = maintenanceIn(details);
  return maintenance === undefined
    ? 'no readable answer came'
    : `no answer came that says what became of it. ${maintenance.replace(/\.$/, '')}`;
}

function reasonIn(details: Details): string {
  const reason = wordOf(details, 'reason') ?? wordOf(details, 'error');
  const { status } = details;
  const known = [reason, typeof status === 'number' ? `status ${status}` : undefined];
  const told = known.filter((each) => each !== undefined).join(', ');
  return told === '' ? '' : ` (${told})`;
}

function pauseIn({ retryAfterSeconds }: Details): string {
  return typeof retryAfterSeconds === 'number'
    ? ` and asked for a pause of ${durationText(retryAfterSeconds)}`
    : '';
}
