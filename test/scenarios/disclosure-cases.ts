import fc from 'fast-check';
import type { FaultEffect, Faults } from '../../infra/local/faults.ts';
import { snsError } from '../../infra/local/sns/errors.ts';
import type { Sns } from '../../infra/local/sns/sns.ts';
import type { Step } from '../../lambda/rotation/failure.ts';
import type { Rig } from '../rig.ts';

/** What must not be told. */
export interface Secrets {
  readonly token: string;
  /** Something else in the secret. */
  readonly other: string;
  /** What the successor begins with. */
  readonly successor: string;
  readonly rotationToken: string;
}

/** Printable ASCII: what a token may be, and long enough not to occur by chance. */
export const token = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 16,
  maxLength: 60,
});

export const secrets: fc.Arbitrary<Secrets> = fc.record({
  token,
  other: token,
  successor: token,
  rotationToken: fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'),
    minLength: 36,
    maxLength: 60,
  }),
});

/** What the secret looks like; of plain text nothing but the token. */
export const shape = fc.record({
  form: fc.constantFrom('json', 'text'),
  owner: fc.constantFrom('project', 'group', 'none'),
  hasTokenId: fc.boolean(),
  tokenField: fc.constantFrom('token', 'password'),
});
export type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

const SECRETS_MANAGER = [
  'DescribeSecret',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
] as const;

/** What may go wrong, told by everybody in words that hold what must not be told. */
export const trouble = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({
    kind: fc.constant('gitlab' as const),
    operation: fc.constantFrom('probe', 'rotate'),
    at: fc.constantFrom('before' as const, 'after' as const),
    status: fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 405, 409, 418, 500, 502),
    form: fc.constantFrom('message', 'error', 'token', 'living', 'text'),
  }),
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
    form: fc.constantFrom('truncated', 'twice', 'spaced', 'foreign url', 'two owners', 'id'),
  }),
  fc.constant({ kind: 'token field' } as const),
);
export type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

/** What SNS does with the alert that tells the trouble. */
export const topic = fc.constantFrom('takes', 'refuses', 'refuses in plain text', 'cuts');
export type Topic = typeof topic extends fc.Arbitrary<infer T> ? T : never;

/** The value of the secret, before anything of the rotation. */
export function secretStringFor(
  { token: held, other }: Secrets,
  { form, owner, hasTokenId, tokenField }: Shape,
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
    case 'id':
      return JSON.stringify({ ...members, tokenId: other });
    default:
      return form === 'json' ? whole : held;
  }
}

/** Lets the trouble come when its time is there. */
export function arrange(
  { gitlab, secretsManager }: Rig,
  sns: Sns,
  what: Trouble,
  how: Topic,
  held: Secrets,
): void {
  const quote = Object.values(held).join(' ');
  if (what.kind === 'gitlab') {
    const { operation, at, status, form } = what;
    const bodies: Readonly<Record<string, string>> = {
      message: JSON.stringify({ message: quote }),
      error: JSON.stringify({ error: held.token, error_description: quote }),
      living: JSON.stringify({ id: 4, scopes: [held.token, quote], expires_at: null }),
      token: JSON.stringify({ token: `${held.token} `, id: held.token, scopes: [quote] }),
    };
    const headers = { 'x-request-id': held.token, 'retry-after': held.token };
    const answer = { status, headers, body: bodies[form] ?? quote };
    gitlab.faults.add({ operation, at, effect: { kind: 'answer', answer } });
  }
  if (what.kind === 'store') {
    const { operation, nth, type, form } = what;
    const body =
      form === 'text'
        ? quote
        : JSON.stringify({ __type: type, Message: quote, [form]: quote, SecretString: quote });
    const effect: FaultEffect = { kind: 'answer', answer: { status: 400, body } };
    secretsManager.faults.add({ operation, at: 'before', nth, times: 3, effect });
  }
  if (what.kind === 'transport') {
    const { operation, effect: kind, nth } = what;
    for (const { faults } of [gitlab, secretsManager]) {
      // The SDK tries three times by itself.
      faults.add({ operation, at: 'after', nth, times: 3, effect: { kind } });
    }
  }
  arrangeTopic(sns.faults, how, quote);
}

function arrangeTopic(faults: Faults, how: Topic, quote: string): void {
  const effects: Readonly<Record<Topic, FaultEffect | undefined>> = {
    takes: undefined,
    refuses: { kind: 'answer', answer: snsError(403, 'AuthorizationError', quote) },
    'refuses in plain text': { kind: 'answer', answer: { status: 400, body: quote } },
    cuts: { kind: 'cut' },
  };
  const effect = effects[how];
  if (effect !== undefined) {
    faults.add({ operation: 'Publish', at: 'after', times: Number.POSITIVE_INFINITY, effect });
  }
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
