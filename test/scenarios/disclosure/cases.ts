import fc from 'fast-check';
import type { Step } from '../../../lambda/failure.ts';
import type { Rig } from '../../rig/function/rig.ts';

/** What must not be told. */
export interface Secrets {
  readonly token: string;
  /** Of a secret that has one. */
  readonly standby: string;
  /** The token in the secret for recovery. */
  readonly recovery: string;
  /** Something else in the secret. */
  readonly other: string;
  /** What the successor begins with. */
  readonly successor: string;
  readonly rotationToken: string;
}

/**
 * Of the characters of GitLab's tokens, no JSON, and long enough not to occur by chance. Without a
 * prefix they may all be letters and digits, as those of an id are.
 */
export const token = fc
  .constantFrom('ABCXYZabcxyz0189', 'ABCXYZabcxyz0189_+=/@:.-')
  .chain((unit) => fc.string({ unit: fc.constantFrom(...unit), minLength: 16, maxLength: 60 }))
  .map((text) => `x${text}`);

export const secrets: fc.Arbitrary<Secrets> = fc
  .record({
    token,
    standby: token,
    recovery: token,
    other: token,
    successor: token,
    rotationToken: fc.string({
      unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'),
      minLength: 36,
      maxLength: 60,
    }),
  })
  // No GitLab gives one value twice.
  .filter((held) => new Set(Object.values(held)).size === Object.keys(held).length);

/** What the secret looks like; of plain text nothing but the token. */
export const shape = fc.record({
  form: fc.constantFrom('json', 'text'),
  owner: fc.constantFrom('project', 'group', 'none'),
  hasTokenId: fc.boolean(),
  hasStandby: fc.boolean(),
  recovery: fc.constantFrom('none', 'json', 'text'),
  tokenField: fc.constantFrom('token', 'password'),
});
export type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

const SECRETS_MANAGER = [
  'DescribeSecret',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'ListSecretVersionIds',
] as const;

const ANSWER = {
  at: fc.constantFrom('before' as const, 'after' as const),
  status: fc.constantFrom(200, 201, 301, 302, 400, 401, 403, 404, 405, 409, 418, 429, 500, 502),
  form: fc.constantFrom('message', 'error', 'token', 'active', 'list', 'text'),
};

/** A successor is lost: its answer, or one of two, or somebody rotated the token before. */
const loss = fc.record({
  kind: fc.constant('loss' as const),
  how: fc.constantFrom('answer', 'race', 'before'),
  /** What then answers wrongly to the search for it. */
  operation: fc.constantFrom('none', 'probe', 'getToken', 'listTokens', 'rotateById'),
  ...ANSWER,
});

/** What may go wrong, told by everybody in words that hold what must not be told. */
export const trouble = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({
    kind: fc.constant('gitlab' as const),
    operation: fc.constantFrom('probe', 'rotate', 'reach'),
    ...ANSWER,
  }),
  // Twice: it has most ways.
  loss,
  loss,
  fc.record({
    kind: fc.constant('store' as const),
    operation: fc.constantFrom(...SECRETS_MANAGER),
    nth: fc.integer({ min: 1, max: 3 }),
    type: fc.constantFrom(
      'AccessDeniedException',
      'ResourceNotFoundException',
      'InvalidRequestException',
      'ResourceExistsException',
      'DecryptionFailure',
    ),
    form: fc.constantFrom('message', 'member', 'text'),
  }),
  // A call that hangs is missing: it would take its whole time-out, and has no answer to quote.
  fc.record({
    kind: fc.constant('transport' as const),
    operation: fc.constantFrom('probe', 'rotate', ...SECRETS_MANAGER),
    effect: fc.constantFrom('reset' as const, 'cut' as const),
    nth: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('event' as const),
    member: fc.constantFrom('Step', 'SecretId', 'ClientRequestToken', 'RotationToken'),
  }),
  fc.record({
    kind: fc.constant('secret' as const),
    form: fc.constantFrom(
      'truncated',
      'twice',
      'spaced',
      'foreign url',
      'two owners',
      'id',
      'standby',
      'standby text',
      'recovery',
    ),
  }),
  fc.constant({ kind: 'token field' } as const),
);
export type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

/** What SNS does with the alert that tells the trouble. */
export const topic = fc.constantFrom('takes', 'refuses', 'refuses in plain text', 'cuts');
export type Topic = typeof topic extends fc.Arbitrary<infer T> ? T : never;

/** The value of the secret, before anything of the rotation. */
export function secretStringFor(
  { token: held, standby, other }: Secrets,
  { form, owner, hasTokenId, hasStandby, tokenField }: Shape,
  what: Trouble,
  ids: { readonly projectId: number; readonly tokenId: number },
): string {
  const owners = {
    project: { projectId: ids.projectId },
    group: { groupId: 'people' },
    none: {},
  }[owner];
  const members = {
    [tokenField]: held,
    note: other,
    ...(hasTokenId && { tokenId: String(ids.tokenId) }),
    ...owners,
    ...(hasStandby && {
      standby: {
        token: standby,
        note: other,
        ...(hasTokenId && { tokenId: String(ids.tokenId + 1) }),
      },
    }),
  };
  const whole = JSON.stringify(members);
  switch (what.kind === 'secret' ? what.form : undefined) {
    case 'truncated':
      return whole.slice(0, -1);
    case 'twice':
      return `{"${tokenField}":${JSON.stringify(held)},${whole.slice(1)}`;
    case 'spaced':
      return `${held} ${other} x`;
    case 'foreign url':
      return JSON.stringify({ ...members, gitlabUrl: `https://${other}` });
    case 'two owners':
      return JSON.stringify({ ...members, projectId: 1, groupId: 1 });
    case 'standby':
      return JSON.stringify({ ...members, standby: { token: held, note: standby } });
    case 'standby text':
      return JSON.stringify({ ...members, standby });
    case 'id':
      return JSON.stringify({ ...members, tokenId: other });
    default:
      return form === 'json' ? whole : held;
  }
}

/** The value of the secret for recovery; undefined where there is none. */
export function recoveryStringFor(
  { recovery: held, other }: Secrets,
  { recovery: form }: Shape,
  what: Trouble,
): string | undefined {
  if (form === 'none') {
    return undefined;
  }
  if (what.kind === 'secret' && what.form === 'recovery') {
    return `${held} ${other} {`;
  }
  return form === 'text' ? held : JSON.stringify({ token: held, note: other });
}

/** What Secrets Manager would send, if it were in order. */
export function eventFor(rig: Rig, step: Step, what: Trouble, held: Secrets): object {
  const { secretId, versionId } = rig.request;
  const event = {
    Step: step,
    SecretId: secretId,
    ClientRequestToken: versionId,
    RotationToken: held.rotationToken,
    Extra: held.token,
  };
  // Something that belongs elsewhere, where it is quoted most easily.
  return what.kind === 'event' ? { ...event, [what.member]: `${held.token} ` } : event;
}
