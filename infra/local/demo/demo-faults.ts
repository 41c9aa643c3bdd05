import { badGateway, rateLimited } from '../gitlab/api/fault-answers.ts';
import { accessDenied } from '../secrets-manager/state/errors.ts';
import type { FaultEffect, Faults } from '../server/faults.ts';
import type { Answer } from '../server/wire.ts';
import { snsError } from '../sns/errors.ts';
import type { Demo } from './demo.ts';
import type { DemoEnding } from './report.ts';

/** Something that can go wrong in a rotation, to be watched. */
export interface DemoFault {
  /** One line, for `--help` and above the result. */
  readonly summary: string;
  /** Of the first token. @default self_rotate */
  readonly scopes?: readonly string[];
  readonly ends: DemoEnding;
  /** @default - as without a recovery credential */
  readonly endsWithRecovery?: DemoEnding;
  /** @default - as with one token, but that the current one is never lost */
  readonly endsAlternating?: DemoEnding;
  /** Called before RotateSecret. */
  readonly arrange: (demo: Demo) => unknown;
}

const ALWAYS = Number.POSITIVE_INFINITY;

/** What `npm start -- --fault <name>` can show. */
export const FAULTS: Readonly<Record<string, DemoFault>> = {
  'answer-lost': {
    summary: 'GitLab rotates, and the connection breaks before its answer arrives',
    ends: 'current token lost',
    endsWithRecovery: 'rotated',
    arrange: ({ gitlab }) =>
      gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } }),
  },
  'outcome-unknown': {
    summary: 'a 502 page answers the rotate request, and GitLab did nothing',
    ends: 'rotated',
    arrange: ({ gitlab }) => answerRotate(gitlab.faults, badGateway()),
  },
  'function-killed': {
    summary: 'the function is killed right after GitLab rotated',
    ends: 'current token lost',
    endsWithRecovery: 'rotated',
    arrange: ({ gitlab, cloud }) =>
      gitlab.faults.add({
        operation: 'rotate',
        at: 'after',
        effect: { kind: 'run', run: () => cloud.lambda.kill() },
      }),
  },
  'gitlab-down': {
    summary: 'GitLab refuses connections until the second attempt',
    ends: 'rotated',
    arrange: async (demo) => {
      demo.gitlab.pause();
      beforeRetry(demo, () => demo.gitlab.resume());
    },
  },
  'rate-limited': {
    summary: 'GitLab asks to wait two seconds before the rotate request',
    ends: 'rotated',
    arrange: ({ gitlab }) => answerRotate(gitlab.faults, rateLimited(2)),
  },
  'read-only': {
    summary: 'GitLab is in read-only mode',
    ends: 'not rotated',
    arrange: ({ gitlab }) => Object.assign(gitlab.settings, { readOnly: true }),
  },
  'token-revoked': {
    summary: 'somebody revoked the current token by hand',
    ends: 'current token lost',
    endsAlternating: 'rotated',
    arrange: ({ gitlab, tokenId }) => gitlab.revoke(tokenId),
  },
  'scope-missing': {
    summary: 'the current token may neither self_rotate nor use the api',
    ends: 'not rotated',
    scopes: ['read_repository'],
    arrange: () => undefined,
  },
  'store-denied': {
    summary: 'the function may not write the secret',
    ends: 'not rotated',
    arrange: ({ cloud }) => denyPut(cloud.secretsManager.faults, 1),
  },
  'store-denied-late': {
    summary: 'the function loses its right to write just after GitLab rotated',
    ends: 'current token lost',
    // The first put only proves that the secret can be written.
    arrange: ({ cloud }) => denyPut(cloud.secretsManager.faults, 2),
  },
  'successor-revoked': {
    summary: 'somebody revokes the new token before it is tested',
    ends: 'current token lost',
    arrange: ({ gitlab, cloud }) =>
      cloud.secretsManager.faults.add({
        operation: 'PutSecretValue',
        at: 'after',
        nth: 2,
        effect: { kind: 'run', run: () => gitlab.revoke(gitlab.tokens.at(-1)?.id ?? 0) },
      }),
  },
  'not-promoted': {
    summary: 'the function may not move AWSCURRENT until the second attempt',
    ends: 'rotated',
    arrange: (demo) => {
      const allow = demo.cloud.secretsManager.faults.add({
        operation: 'UpdateSecretVersionStage',
        at: 'before',
        times: ALWAYS,
        effect: denied('UpdateSecretVersionStage'),
      });
      beforeRetry(demo, allow);
    },
  },
  'topic-refuses': {
    summary: 'the token lacks its scope, and the topic refuses the alert',
    ends: 'not rotated',
    scopes: ['read_repository'],
    arrange: ({ cloud }) =>
      cloud.sns.faults.add({
        operation: 'Publish',
        at: 'before',
        times: ALWAYS,
        effect: { kind: 'answer', answer: snsError(403, 'AuthorizationError', 'not authorized') },
      }),
  },
};

/** @throws {Error} that says which names there are */
export function findFault(name: string): DemoFault {
  const fault = FAULTS[name];
  if (fault === undefined) {
    throw new Error(`there is no fault "${name}"; there are ${Object.keys(FAULTS).join(', ')}`);
  }
  return fault;
}

function denied(operation: string): FaultEffect {
  return { kind: 'answer', answer: accessDenied(`secretsmanager:${operation}`) };
}

/** From the nth put on. */
/** Answers the rotate request in GitLab's place, which does nothing. */
function answerRotate(faults: Faults, answer: Answer): void {
  faults.add({ operation: 'rotate', at: 'before', effect: { kind: 'answer', answer } });
}

function denyPut(faults: Faults, nth: number): void {
  const operation = 'PutSecretValue';
  faults.add({ operation, at: 'before', nth, times: ALWAYS, effect: denied(operation) });
}

/** What somebody mends before the second attempt of Secrets Manager. */
function beforeRetry({ cloud }: Demo, mend: () => unknown): void {
  const stop = cloud.secretsManager.onRotation(({ what }) => {
    if (what === 'retry-planned') {
      stop();
      mend();
    }
  });
}
