import { describe, expect, it } from 'vitest';
import {
  advise,
  CURRENT,
  commandsOf,
  DROP,
  FAILURE_CODES,
  FIND_CURRENT,
  FIND_NOW,
  HAS_VALUE,
  LABELS,
  PROMOTE,
  ROTATE,
  SECRET,
  textOf,
  VERSION,
} from '../cases.ts';
import { SERVED } from '../situation.ts';

const PROMOTE_NOW = `${PROMOTE} --remove-from-version-id "$CURRENT_NOW" --region eu-central-1`;
const UNBLOCK = [HAS_VALUE, DROP, ROTATE, FIND_NOW, PROMOTE_NOW];

describe('what is to do when nothing was rotated', () => {
  it('ends with another rotation, and unblocks it', () => {
    const advice = advise('GITLAB_UNREACHABLE', 'createSecret', { reason: 'ECONNREFUSED' });

    expect(advice.happened).toBe('The function got no usable answer from GitLab: ECONNREFUSED.');
    expect(textOf(advice)).toContain('Secrets Manager tries again by itself');
    expect(commandsOf(advice).slice(1)).toEqual([ROTATE, ...UNBLOCK]);
  });

  it('looks for the current version anew after a put, which makes another one current', () => {
    const commands = commandsOf(
      advise('SUCCESSOR_LOST', 'createSecret', { currentVersionId: CURRENT }),
    );

    expect(commands.slice(-6)).toEqual([LABELS, ...UNBLOCK]);
    expect(commands.join()).not.toContain(CURRENT);
  });

  it('makes a version without its label current only when its token is needed', () => {
    const advice = advise('VERSION_NOT_STAGED', 'finishSecret', { currentVersionId: CURRENT });

    expect(commandsOf(advice)).toEqual([
      LABELS,
      HAS_VALUE,
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
      ROTATE,
    ]);
  });

  it('looks at the key first where the name of the refusal is one of KMS', () => {
    const details = { reason: 'request-refused', error: 'KMSInvalidStateException' };
    const [first, ...more] = advise('STORE_DENIED', 'createSecret', details).todo;

    expect(first?.commands.join()).toContain('KmsKeyId');
    expect(more.map(({ text }) => text).join()).not.toMatch(/role|policy|key/);
  });

  it('shows the log of this very invocation', () => {
    expect(commandsOf(advise('UNEXPECTED'))[0]).toBe(
      'aws logs tail "$(aws lambda get-function-configuration --function-name rotate-gitlab --query LoggingConfig.LogGroup --output text --region eu-central-1)" --since 1d --filter-pattern "\\"33333333-cccc-4ccc-8ccc-333333333333\\"" --region eu-central-1',
    );
  });
});

describe('what is to do when the token was rotated and the rest failed', () => {
  // By a bad event nobody can tell that it was. The others say that the version is no cure.
  const noCure = [
    'CURRENT_TOKEN_DEAD',
    'EVENT_INVALID',
    'PENDING_TOKEN_REJECTED',
    'VERSION_NOT_STAGED',
  ];
  const afterwards = ['setSecret', 'testSecret', 'finishSecret'] as const;

  it.each(
    FAILURE_CODES.filter((code) => !noCure.includes(code)).flatMap((code) =>
      afterwards
        // Then it was rather the dry run.
        .filter((step) => code !== 'CONFIG_INVALID' || step !== 'testSecret')
        .map((step) => ({ code, step })),
    ),
  )('makes the stored token current and spares its label: $code in $step', ({ code, step }) => {
    const advice = advise(code, step, { currentVersionId: CURRENT });

    expect(advice.happened).toContain('AWSCURRENT holds the old, revoked token');
    expect(advice.affected).toBe(
      `Everybody who reads this secret, until version ${VERSION} has AWSCURRENT.`,
    );
    expect(commandsOf(advice).slice(0, 2)).toEqual([
      HAS_VALUE,
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
    ]);
    expect(textOf(advice)).toContain('Do NOT take the label AWSPENDING off');
    expect(textOf(advice)).not.toContain('If you cannot wait, rotate');
  });

  it.each([{ currentVersionId: CURRENT }, SERVED])(
    'makes it current only if GitLab shows it as active, where it said otherwise: %j',
    (details) => {
      const { todo } = advise('ROTATION_REFUSED', 'testSecret', {
        ...details,
        refusal: 'not-active',
      });

      const moves = todo.filter(({ commands }) => commands.join().includes(PROMOTE));
      expect(moves).toHaveLength(1);
      expect(moves[0]?.text).toMatch(/^Only if .* GitLab shows the new token as active/);
      const looks = todo.findIndex(({ text }) => text.includes('see whether GitLab shows the new'));
      expect(todo[looks + 1]).toBe(moves[0]);
    },
  );

  it.each([{ currentVersionId: CURRENT }, SERVED])(
    'waits for nobody where rotation is off, and rotates last: %j',
    (details) => {
      const advice = advise('ROTATION_NOT_ENABLED', 'setSecret', details);

      expect(textOf(advice)).not.toContain('tries again by itself');
      expect(commandsOf(advice).slice(0, 2)).toEqual([
        HAS_VALUE,
        `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
      ]);
      expect(commandsOf(advice).at(-1)).toBe(ROTATE);
    },
  );

  it('does not wait and hurry in one sentence', () => {
    const [first, second] = advise('STORE_UNAVAILABLE', 'testSecret').todo;

    expect(first?.text).toMatch(/If you can wait, wait\.$/);
    expect(second?.text).toMatch(/^If you cannot wait, /);
  });

  it('finds the current version first where it is not known', () => {
    expect(commandsOf(advise('NOT_PROMOTED', 'finishSecret')).slice(1, 3)).toEqual([
      FIND_CURRENT,
      `${PROMOTE} --remove-from-version-id "$CURRENT_VERSION_ID" --region eu-central-1`,
    ]);
  });

  it('has time where consumers have an active token', () => {
    const { affected, todo } = advise('STORE_UNAVAILABLE', 'testSecret', SERVED);

    expect(affected).toBe('Nobody: GitLab accepts the token in AWSCURRENT.');
    expect(todo[0]?.text).toMatch(/^Secrets Manager tries again by itself/);
    expect(todo.at(-1)?.text).toMatch(/^Do NOT take the label AWSPENDING off/);
    expect(todo.at(-2)?.commands).toEqual([
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
    ]);
  });
});

describe('what is to do after the dry run', () => {
  it.each(FAILURE_CODES)('ends with another one: %s', (code) => {
    const advice = advise(code, 'testSecret', { dryRun: true, currentVersionId: CURRENT });

    expect(advice.happened).toContain('nothing was rotated');
    expect(advice.happened).not.toContain('old, revoked token');
    expect(commandsOf(advice).at(-1)).toBe(
      `aws secretsmanager rotate-secret ${SECRET} --no-rotate-immediately --region eu-central-1`,
    );
    expect(commandsOf(advice)).not.toContain(DROP);
  });
});
