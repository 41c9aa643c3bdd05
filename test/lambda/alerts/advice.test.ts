import { describe, expect, it } from 'vitest';
import { adviseOn } from '../../../lambda/alerts/advice.ts';
import { RISKS } from '../../../lambda/failure.ts';
import {
  advise,
  CASES,
  CODES,
  CURRENT,
  commandsOf,
  DROP,
  FAILURE_CODES,
  FIND_CURRENT,
  IDS,
  PROMOTE,
  ROTATE,
  SECRET,
  textOf,
  VERSION,
} from './advice-cases.ts';

describe('adviseOn', () => {
  it.each(CASES)('tells what, who and what next: $code in $step', ({ code, step }) => {
    const { happened, affected, todo } = advise(code, step);

    for (const text of [happened, affected, ...todo.map((action) => action.text)]) {
      expect(text).toMatch(/^[A-Z].{10,}[.:]\)?$/);
      expect(text).not.toMatch(/undefined|null|NaN|\[object/);
    }
    expect(todo.length).toBeGreaterThan(0);
    expect(todo.filter(({ commands }) => commands?.length === 0)).toEqual([]);
  });

  it.each(CASES)('gives commands for this very secret and region: $code in $step', (given) => {
    const commands = commandsOf(advise(given.code, given.step));

    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      expect(command).not.toMatch(/undefined|\$SECRET_ARN|\$VERSION_ID|\n/);
      for (const call of command.match(/aws secretsmanager [^|)]*\)?[^|)]*/g) ?? []) {
        expect(call).toContain(SECRET);
      }
      expect(command.match(/aws (secretsmanager|lambda|logs)/g) ?? []).toHaveLength(
        command.match(/--region eu-central-1/g)?.length ?? 0,
      );
    }
  });

  it('never gives the same explanation for two codes', () => {
    const explanations = CODES.map((code) => advise(code).happened);

    expect(new Set(explanations).size).toBe(CODES.length);
  });

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'none'))(
    'lets nobody be alarmed about consumers by %s in createSecret',
    (code) => {
      const { affected } = advise(code);

      expect(affected).toMatch(code === 'SECRET_MISSING' ? /^Whoever reads/ : /^Nobody/);
    },
  );

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'consumers'))(
    'says that %s in createSecret hurts consumers',
    (code) => {
      expect(advise(code).affected).toMatch(/^Everybody who reads this secret/);
    },
  );

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'unknown'))(
    'does not claim to know who is hurt by %s',
    (code) => {
      expect(advise(code).affected).toMatch(/^Unknown\. As long as/);
    },
  );

  it('lets the risk that a step states overrule who is usually hurt', () => {
    const { affected } = adviseOn({ ...IDS, code: 'UNEXPECTED', details: {} }, 'none');

    expect(affected).toMatch(/^Nobody by this run/);
  });
});

describe('when nothing was rotated', () => {
  it('lets the rotation run again, and empties the way for it', () => {
    const advice = advise('GITLAB_UNREACHABLE', 'createSecret', { reason: 'ECONNREFUSED' });

    expect(advice.happened).toContain('(ECONNREFUSED)');
    expect(textOf(advice)).toContain('Secrets Manager will try again by itself');
    expect(commandsOf(advice).slice(1)).toEqual([
      ROTATE,
      `aws secretsmanager get-secret-value ${SECRET} --version-id ${VERSION} --query VersionId --output text --region eu-central-1`,
      DROP,
      ROTATE,
      FIND_CURRENT,
      `${PROMOTE} --remove-from-version-id "$CURRENT_VERSION_ID" --region eu-central-1`,
    ]);
  });

  it('names the error that kept GitLab away, where no reason is known', () => {
    expect(advise('GITLAB_UNREACHABLE', 'createSecret', { error: 'TypeError' }).happened).toContain(
      '(TypeError)',
    );
  });

  it('names the pause that GitLab asks for', () => {
    const { happened } = advise('GITLAB_RATE_LIMITED', 'createSecret', { retryAfterSeconds: 42 });

    expect(happened).toContain('asked for a pause of 42 seconds');
  });

  it('leads to a rotation that may be open where an event of a later step is bad', () => {
    const alone = advise('EVENT_INVALID', 'createSecret');
    const later = advise('EVENT_INVALID', 'testSecret');

    expect(alone.affected).toBe('Nobody: nothing was changed.');
    expect(commandsOf(alone)).not.toContain(DROP);
    expect(later.affected).toMatch(/^Unknown\./);
    expect(commandsOf(later)).toContain(DROP);
    expect(commandsOf(later)).toContain(
      `${PROMOTE} --remove-from-version-id "$CURRENT_VERSION_ID" --region eu-central-1`,
    );
  });

  it('names the operation that AWS refused', () => {
    const { happened } = advise('STORE_DENIED', 'createSecret', { operation: 'PutSecretValue' });

    expect(happened).toContain('refused the function (PutSecretValue)');
  });

  it('looks for no permission where Secrets Manager refused what was asked', () => {
    const details = {
      operation: 'GetSecretValue',
      error: 'InvalidRequestException',
      reason: 'request-refused',
    };

    const denied = advise('STORE_DENIED', 'createSecret', details);
    const notPromoted = advise('NOT_PROMOTED', 'finishSecret', details);

    expect(denied.happened).toContain('(GetSecretValue, InvalidRequestException)');
    expect(textOf(denied)).not.toMatch(/role|policy|key/);
    expect(textOf(notPromoted)).not.toContain('role');
  });

  it('looks at the key where the name of the refusal is one of KMS', () => {
    const details = {
      operation: 'GetSecretValue',
      error: 'KMSInvalidStateException',
      reason: 'request-refused',
    };

    const denied = advise('STORE_DENIED', 'createSecret', details);

    expect(textOf(denied)).toContain('must be enabled');
    expect(commandsOf(denied)).toContainEqual(expect.stringContaining('KmsKeyId'));
  });

  it('shows the log of this very invocation', () => {
    expect(commandsOf(advise('UNEXPECTED'))[0]).toBe(
      'aws logs tail "$(aws lambda get-function-configuration --function-name rotate-gitlab --query LoggingConfig.LogGroup --output text --region eu-central-1)" --since 1d --filter-pattern \'"33333333-cccc-4ccc-8ccc-333333333333"\' --region eu-central-1',
    );
  });
});

describe('when the token was rotated and the rest failed', () => {
  // By a bad event nobody can tell that it was. CURRENT_TOKEN_DEAD says that the version is current.
  const noCure = [
    'CURRENT_TOKEN_DEAD',
    'EVENT_INVALID',
    'PENDING_TOKEN_REJECTED',
    'VERSION_NOT_STAGED',
  ];
  const cured = FAILURE_CODES.filter((code) => !noCure.includes(code));

  it.each(
    cured.flatMap((code) =>
      (['setSecret', 'testSecret', 'finishSecret'] as const)
        // Then it was rather the dry run.
        .filter((step) => code !== 'CONFIG_INVALID' || step !== 'testSecret')
        .map((step) => ({ code, step })),
    ),
  )('promotes the stored token and spares its label: $code in $step', ({ code, step }) => {
    const advice = advise(code, step, { currentVersionId: CURRENT });
    const text = textOf(advice);

    expect(advice.happened).toContain('AWSCURRENT now holds the dead old token');
    expect(advice.affected).toBe(
      `Everybody who reads this secret, until version ${VERSION} has AWSCURRENT.`,
    );
    expect(commandsOf(advice)).toContain(
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
    );
    expect(commandsOf(advice)).not.toContain(DROP);
    expect(text).toContain('Secrets Manager will try again by itself');
    expect(text).toContain('Do NOT take the label AWSPENDING off');
  });

  it('finds the current version first where it is not known', () => {
    const commands = commandsOf(advise('NOT_PROMOTED', 'finishSecret'));

    expect(commands.slice(1, 3)).toEqual([
      FIND_CURRENT,
      `${PROMOTE} --remove-from-version-id "$CURRENT_VERSION_ID" --region eu-central-1`,
    ]);
  });

  it('knows NOT_PROMOTED for a failure after the rotation in whatever step', () => {
    expect(advise('NOT_PROMOTED', undefined).happened).toContain('dead old token');
  });

  it.each([
    ['testSecret', {}, true],
    ['testSecret', { currentVersionId: CURRENT }, false],
    ['finishSecret', {}, false],
  ] as const)('doubts in %s with %j whether it was a dry run: %s', (step, details, doubts) => {
    const { happened } = advise('GITLAB_UNREACHABLE', step, details);

    expect(happened.includes('--no-rotate-immediately')).toBe(doubts);
  });

  it('does not tell of a dead token where the step says that consumers are safe', () => {
    const about = { ...IDS, code: 'STANDBY_LOST', step: 'finishSecret', details: {} } as const;

    expect(adviseOn(about, 'none').happened).not.toContain('dead old token');
  });

  it('makes a version without its label current only when its token is needed', () => {
    const advice = advise('VERSION_NOT_STAGED', 'finishSecret', { currentVersionId: CURRENT });

    expect(commandsOf(advice)).toEqual([
      `aws secretsmanager describe-secret ${SECRET} --query VersionIdsToStages --region eu-central-1`,
      `aws secretsmanager get-secret-value ${SECRET} --version-id ${VERSION} --query VersionId --output text --region eu-central-1`,
      `${PROMOTE} --remove-from-version-id ${CURRENT} --region eu-central-1`,
      ROTATE,
    ]);
  });
});

describe('when the dry run fails', () => {
  it.each(FAILURE_CODES)('says that nothing was rotated, and tests again: %s', (code) => {
    const advice = advise(code, 'testSecret', { dryRun: true, currentVersionId: CURRENT });

    expect(advice.happened).toContain('nothing was rotated');
    expect(advice.happened).not.toContain('dead old token');
    expect(commandsOf(advice).at(-1)).toBe(
      `aws secretsmanager rotate-secret ${SECRET} --no-rotate-immediately --region eu-central-1`,
    );
    expect(commandsOf(advice)).not.toContain(DROP);
  });

  it('says of a dead token that it is the one of the secret', () => {
    const { happened, affected } = advise('PENDING_TOKEN_REJECTED', 'testSecret', {
      dryRun: true,
      reason: 'expired',
    });

    expect(happened).toContain('does not accept the token of this secret: it has expired');
    expect(affected).toMatch(/^Everybody/);
  });

  it('corrects the id when the token is another than the secret says', () => {
    const advice = advise('PENDING_TOKEN_REJECTED', 'testSecret', {
      dryRun: true,
      tokenId: '12',
      expectedTokenId: '11',
    });

    expect(textOf(advice)).toContain('If it is 12: correct tokenId in the secret');
    expect(commandsOf(advice).join()).not.toContain('update-secret-version-stage');
  });

  it('names the days when the token does not live until the next rotation', () => {
    const advice = advise('PENDING_TOKEN_REJECTED', 'testSecret', {
      dryRun: true,
      reason: 'expires-too-soon',
      expiresAt: '2030-01-10',
      nextRotation: '2030-01-12',
    });

    expect(advice.happened).toContain('expires on 2030-01-10 at 00:00 UTC');
    expect(advice.happened).toContain('its next rotation on 2030-01-12');
    expect(advice.affected).toMatch(/^Nobody yet/);
    expect(commandsOf(advice)[0]).toBe(ROTATE);
  });
});

describe('when the new token expires too soon', () => {
  it('names the days, and lets tokens live longer', () => {
    const advice = advise('EXPIRES_TOO_SOON', 'testSecret', {
      expiresAt: '2030-01-10',
      nextRotation: '2030-01-12',
    });

    expect(advice.happened).toContain('2030-01-10');
    expect(advice.happened).toContain('2030-01-12');
    expect(textOf(advice)).toContain('TOKEN_LIFETIME_DAYS');
  });

  it('speaks of the days in general where they are not known', () => {
    const { happened } = advise('EXPIRES_TOO_SOON', 'testSecret', { expiresAt: 'tomorrow' });

    expect(happened).toContain('expires too soon, and so does not live until its next rotation is');
  });

  it('speaks of scopes where these are why it cannot rotate again', () => {
    const advice = advise('EXPIRES_TOO_SOON', 'testSecret', { scopes: ['read_api'] });

    expect(advice.happened).toContain('self_rotate');
    expect(textOf(advice)).not.toContain('TOKEN_LIFETIME_DAYS');
  });
});
