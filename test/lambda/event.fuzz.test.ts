import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRotationEvent, readEventIds } from '../../lambda/event.ts';
import { STEPS } from '../../lambda/failure.ts';
import { anyText } from '../rig/any-text.ts';

const MEMBERS = ['Step', 'SecretId', 'ClientRequestToken', 'RotationToken', '__proto__'] as const;
const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app/gitlab-token-AbC123';

/** Like a credential: long, and no mere word, which of a step is quoted. */
const credential = anyText({ minLength: 16, maxLength: 80 }).map((text) => `§${text}`);
const value = fc.oneof(
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
  fc.constantFrom(...STEPS, ARN, 'v'.repeat(36)),
  credential,
);

describe('any event', () => {
  it('is read, or refused as EVENT_INVALID', () => {
    const event = fc.oneof(value, fc.dictionary(fc.constantFrom(...MEMBERS), value));
    fc.assert(
      fc.property(event, (given) => {
        const { step, request } = read(given) ?? {};

        expect(step === undefined || STEPS.includes(step)).toBe(true);
        expect(request?.secretId ?? ARN).toMatch(/^arn:aws[a-z-]*:secretsmanager:/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is told of by ids that have their documented shape only', () => {
    const event = fc.oneof(value, fc.dictionary(fc.constantFrom(...MEMBERS), value));
    fc.assert(
      fc.property(event, (given) => {
        const { step = STEPS[0], secretId = ARN, versionId = 'v'.repeat(36) } = readEventIds(given);

        expect(STEPS).toContain(step);
        expect(secretId).toBe(ARN);
        expect(versionId).toMatch(/^[\w+=,.@:/-]{32,64}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not quoted when it is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MEMBERS.slice(0, 4)), credential, (member, secret) => {
        const event = { Step: 'createSecret', SecretId: ARN, ClientRequestToken: 'v'.repeat(36) };

        const message = messageOf({ ...event, [member]: secret });

        expect(message).toMatch(/^EVENT_INVALID: /);
        expect(message).not.toContain(secret);
      }),
    );
  });
});

/** What was read; undefined when it was refused in the one way that is allowed. */
function read(event: unknown) {
  try {
    return parseRotationEvent(event);
  } catch (error) {
    expect(error).toMatchObject({ name: 'RotationError', code: 'EVENT_INVALID' });
    return undefined;
  }
}

function messageOf(event: unknown): string {
  try {
    parseRotationEvent(event);
    return 'no failure';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}
