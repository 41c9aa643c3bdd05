import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Advice, adviseOn } from '../../../lambda/alerts/advice.ts';
import {
  type Details,
  type FailureCode,
  type NoticeCode,
  RISKS,
  type Step,
} from '../../../lambda/failure.ts';
import {
  ARN,
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
} from './cases.ts';
import { adviseIn, EVERYWHERE, OLDER, REFUSALS, SITUATIONS, UNHEALED } from './situations.ts';

const LABELS = `aws secretsmanager describe-secret ${SECRET} --query VersionIdsToStages --region eu-central-1`;
const HAS_VALUE = `aws secretsmanager get-secret-value ${SECRET} --version-id ${VERSION} --query VersionId --output text --region eu-central-1`;
/** In place of whichever version is current by then. */
const FIND_NOW = FIND_CURRENT.replace('CURRENT_VERSION_ID', 'CURRENT_NOW');
const PROMOTE_NOW = `${PROMOTE} --remove-from-version-id "$CURRENT_NOW" --region eu-central-1`;
const UNBLOCK = [HAS_VALUE, DROP, ROTATE, FIND_NOW, PROMOTE_NOW];
const PUT_TOKEN = /jq '\.token = env\.TOKEN/;
const PUT_STANDBY = /jq '\.standby\.token = env\.TOKEN \| del\(\.standby\.tokenId\)'/;
const SERVED = { currentVersionId: CURRENT, currentActive: true };

/** Nothing of the page is left, nothing that is not known, and it is as short as its readers need it. */
function expectWhole({ happened, affected, todo }: Advice): void {
  for (const text of [happened, affected, ...todo.map((action) => action.text)]) {
    expect(text).toMatch(/^[A-Z][^[\]`*$]{8,}\.$/);
    // Nor is a sentence run into the next.
    expect(text).not.toMatch(/undefined|null|NaN|\.[A-Z]/);
  }
  expect(todo.length).toBeGreaterThan(0);
  // A chat numbers them, and takes 350 characters.
  expect(todo.map(({ text }) => text).filter(({ length }) => length > 345)).toEqual([]);
  // Somebody was asleep a minute ago.
  expect(happened.length).toBeLessThan(650);
}

function expectItsVersions(advice: Advice, details: Details): void {
  const { salvageVersionId, previousVersionId, currentVersionId } = details;
  const made = [VERSION, salvageVersionId, previousVersionId];
  const left = [VERSION, currentVersionId, '"$CURRENT_VERSION_ID"', '"$CURRENT_NOW"'];
  const commands = commandsOf(advice).join('\n');
  for (const [, version] of textOf(advice).matchAll(/\bversion (\S{36})\b/g)) {
    expect(made).toContain(version);
  }
  for (const [, version] of commands.matchAll(/--move-to-version-id (\S+)/g)) {
    expect(made).toContain(version);
  }
  for (const [, version] of commands.matchAll(/--remove-from-version-id (\S+)/g)) {
    expect(left).toContain(version);
  }
}

function expectItsSecret(advice: Advice): void {
  for (const command of commandsOf(advice)) {
    expect(command).not.toMatch(/undefined|\$SECRET_ARN|\$VERSION_ID|\$AWS_REGION|\n/);
    for (const call of command.match(/aws secretsmanager [^|)]*\)?[^|)]*/g) ?? []) {
      expect(call).toMatch(/--secret-id (?:arn:aws:secretsmanager:\S+|"\$RECOVERY_SECRET_ARN") /);
    }
    expect(command.match(/aws (secretsmanager|lambda|logs)/g) ?? []).toHaveLength(
      command.match(/--region eu-central-1/g)?.length ?? 0,
    );
  }
}

describe('what is told in every situation', () => {
  it.each(EVERYWHERE)(
    'is whole, of this version and secret: $code in $step, $details',
    (situation) => {
      const advice = adviseIn(situation);

      expectWhole(advice);
      expectItsVersions(advice, situation.details ?? {});
      expectItsSecret(advice);
    },
  );

  it('has commands that a shell can read', () => {
    const { status } = spawnSync('bash', ['-n'], {
      input: EVERYWHERE.flatMap((situation) => commandsOf(adviseIn(situation))).join('\n'),
    });

    expect(status).toBe(0);
  });

  it('is another for every code, refusal and reason', () => {
    const explained = (situations: typeof EVERYWHERE) =>
      situations.map((situation) => adviseIn(situation).happened);
    const lost = UNHEALED.filter(({ code }) => code === 'SUCCESSOR_LOST');
    const refused = REFUSALS.map((refusal) => ({
      code: 'ROTATION_REFUSED' as const,
      details: { refusal },
    }));

    for (const texts of [CODES.map((code) => ({ code })), lost, refused].map(explained)) {
      expect(new Set(texts).size).toBe(texts.length);
    }
  });
});

describe('who is affected', () => {
  it.each<[FailureCode, Step, Details]>([
    ['PENDING_TOKEN_REJECTED', 'testSecret', { reason: 'revoked' }],
    ['CURRENT_TOKEN_DEAD', 'createSecret', { reason: 'revoked', reuseDetected: true }],
  ])('hears that no token works: %s in %s, %j', (code, step, details) => {
    expect(advise(code, step, details).affected).toBe(
      'Everybody who reads this secret: neither the token in AWSCURRENT nor the new one works.',
    );
  });

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'none'))(
    'is nobody yet by %s in createSecret',
    (code) => {
      const { affected } = advise(code);

      expect(affected).toMatch(code === 'SECRET_MISSING' ? /nothing to read/ : /^Nobody/);
    },
  );

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'consumers'))(
    'is everybody by %s in createSecret',
    (code) => {
      expect(advise(code).affected).toMatch(/^Everybody who reads this secret/);
    },
  );

  it.each(FAILURE_CODES.filter((code) => RISKS[code] === 'unknown'))(
    'is unknown by %s in createSecret',
    (code) => {
      expect(advise(code).affected).toMatch(/^Unknown\. As long as/);
    },
  );

  it('is what the risk says that a step states', () => {
    expect(adviseOn({ ...IDS, code: 'UNEXPECTED', details: {} }, 'none').affected).toMatch(
      /^Nobody yet/,
    );
  });

  it('is nobody while the token of consumers is active', () => {
    expect(advise('ROTATION_OUTCOME_UNKNOWN', 'createSecret', SERVED).affected).toMatch(
      /^Nobody now/,
    );
  });
});

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

describe('a standby', () => {
  it.each(
    SITUATIONS.filter(
      ({ code, details: { standby, currentActive, reason } = {} }) =>
        code.startsWith('STANDBY_') ||
        (standby === true && reason !== 'expires-too-soon') ||
        (code === 'PENDING_TOKEN_REJECTED' && currentActive === true),
    ).filter(
      ({ details: { salvageVersionId, expiresAt } = {} }) => !(salvageVersionId ?? expiresAt),
    ),
  )('is put as such, and never over the active token: $code in $step, $details', (situation) => {
    const advice = adviseIn(situation);

    const commands = commandsOf(advice).join('\n');
    expect(commands).toMatch(PUT_STANDBY);
    expect(commands).not.toMatch(PUT_TOKEN);
    expect(advice.affected).toMatch(/^Nobody/);
    expect(textOf(advice)).not.toContain('the role of the old one');
    expect(textOf(advice).match(/Create a token in GitLab/g) ?? []).toHaveLength(
      textOf(advice).match(/exactly those of the token that consumers have/g)?.length ?? 0,
    );
  });

  it.each([
    ['SCOPE_MISSING', { standby: true }],
    ['ROTATION_REFUSED', { standby: true, refusal: 'permission-missing' }],
    ['STANDBY_DEAD', { reason: 'revoked' }],
    ['STANDBY_LOST', SERVED],
    ['STANDBY_LOST', { ...SERVED, tokenId: '4712' }],
  ] as const)('is named in the first sentence: %s, %j', (code, details) => {
    const [first] = advise(code, 'createSecret', details).happened.split('. ', 1);

    expect(first).toContain('standby token');
  });

  it.each([
    ['STANDBY_DEAD', { reason: 'revoked' }],
    ['STANDBY_LOST', SERVED],
    ['STANDBY_LOST', { ...SERVED, tokenId: '4712' }],
    ['HEALED', { recoveredBy: 'standby', reason: 'revoked' }],
  ] as const)('is looked for beside the token of consumers: %s, %j', (code, details) => {
    const texts = advise(code, 'createSecret', details).todo.map(({ text }) => text);

    const caution = texts.findIndex((text) => text.startsWith('Leave the token alone'));
    const rotate = texts.findIndex((text) => text.includes('choose Rotate'));
    expect(caution).toBeGreaterThan(-1);
    expect(rotate).toBeGreaterThan(caution);
    expect(texts[rotate]).toContain('If another active token');
  });

  it('is put after the current token where both are dead', () => {
    const details = { reason: 'revoked', standbyReason: 'expired' };
    const commands = commandsOf(advise('CURRENT_TOKEN_DEAD', 'createSecret', details));

    const [putToken, putStandby] = [PUT_TOKEN, PUT_STANDBY].map((put) =>
      commands.findIndex((command) => put.test(command)),
    );
    expect(putToken).toBeGreaterThan(-1);
    expect(putStandby).toBeGreaterThan(Number(putToken));
  });

  it('may still be stored by the process that rotated it', () => {
    const advice = advise('STANDBY_LOST', 'createSecret', { ...SERVED, tokenId: '4712' });

    expect(advice.happened).toContain('has the id 4712');
    expect(advice.todo[0]?.text).toMatch(/^Wait for the next attempt/);
    expect(commandsOf(advice).join()).toContain('/access_tokens/4712/rotate"');
  });
});

describe('the old token', () => {
  it.each<[FailureCode | NoticeCode, Step, Details]>([
    ...['expired', 'revoked', 'unknown'].flatMap((reason): [FailureCode, Step, Details][] => [
      ['CURRENT_TOKEN_DEAD', 'createSecret', { reason }],
      ['STANDBY_DEAD', 'createSecret', { reason }],
      ['PENDING_TOKEN_REJECTED', 'testSecret', { reason }],
      ['PENDING_TOKEN_REJECTED', 'testSecret', { ...SERVED, reason }],
    ]),
    ['ROTATION_OUTCOME_UNKNOWN', 'createSecret', {}],
    ['SUCCESSOR_LOST', 'createSecret', {}],
    ['SUCCESSOR_NOT_STORED', 'createSecret', { tokenId: '4712' }],
    ['STANDBY_LOST', 'createSecret', SERVED],
    ['STANDBY_LOST', 'createSecret', { ...SERVED, tokenId: '4712' }],
    ['HEALED', 'createSecret', { recoveredBy: 'standby', reason: 'revoked' }],
  ])('is never sent to a rotate endpoint by hand: %s in %s, %j', (code, step, details) => {
    const texts = advise(code, step, details).todo.map(({ text }) => text);

    const warning = texts.findIndex((text) =>
      text.startsWith('Never send the old token to a rotate endpoint'),
    );
    expect(warning).toBeGreaterThan(-1);
    expect(texts.slice(0, warning).join('\n')).not.toMatch(/choose Rotate|Or with curl/);
  });
});

describe('an active token that was found, and could not be stored', () => {
  const salvaged = UNHEALED.filter(({ details }) => details?.['salvageVersionId'] !== undefined);

  it.each(salvaged)('is not rotated by hand: $code', (situation) => {
    const advice = adviseIn(situation);

    expect(advice.happened).toContain(`in version ${OLDER} of the secret`);
    expect(advice.todo[0]?.text).toMatch(/^Rotate nothing in GitLab/);
    expect(textOf(advice)).not.toMatch(/Create a token|choose Rotate/);
    expect(commandsOf(advice).join()).not.toContain('put-secret-value');
  });

  it.each(salvaged)('becomes current by hand where consumers wait for it: $code', (situation) => {
    const commands = commandsOf(adviseIn(situation));
    const isServed = situation.code.startsWith('STANDBY_');

    expect(commands[0] === FIND_NOW).toBe(!isServed);
    expect(commands.join('\n').includes(`--move-to-version-id ${OLDER}`)).toBe(!isServed);
  });
});

describe('a token that GitLab revoked since the old one was presented twice', () => {
  const REUSE = { reason: 'revoked', reuseDetected: true };

  it.each(['CURRENT_TOKEN_DEAD', 'STANDBY_DEAD'] as const)(
    'has no successor to look for, and its version none to make current: %s',
    (code) => {
      const advice = advise(code, 'createSecret', REUSE);

      expect(advice.happened).toContain('reuse detection');
      expect(advice.happened).not.toContain('somebody');
      expect(textOf(advice)).not.toMatch(/choose Rotate|holds an active token/);
      expect(commandsOf(advice).join()).not.toContain('AWSCURRENT --move-to');
      expect(commandsOf(advice).slice(-3)).toEqual([LABELS, DROP, ROTATE]);
    },
  );

  it('leaves the token that consumers had, which a person makes current', () => {
    const details = { ...REUSE, previousVersionId: OLDER };
    const commands = commandsOf(advise('CURRENT_TOKEN_DEAD', 'createSecret', details));

    expect(commands[0]).toBe(FIND_NOW);
    expect(commands[1]).toContain(
      `--move-to-version-id ${OLDER} --remove-from-version-id "$CURRENT_NOW"`,
    );
    expect(commands[2]).toMatch(PUT_STANDBY);
  });
});

describe('when an id is not what it should be', () => {
  it('leaves it to the reader as a variable, and says first what that is', () => {
    const advice = advise('SUCCESSOR_NOT_STORED', 'createSecret', {}, {});
    const texts = advice.todo.map(({ text }) => text);
    const used = advice.todo.findIndex(({ commands }) => commands.join().includes('$TOKEN_ID'));

    expect(texts[used - 1]).toBe(
      "Set the variables of the next commands first: GITLAB_URL (the GITLAB_URL of the function), PROJECT_ID (the number of the project; of a group its number, with groups in place of projects), TOKEN_ID (GitLab's id of the new token (tokenId)).",
    );
    expect(texts.filter((text) => text.includes('SECRET_ARN ('))).toHaveLength(1);
    expect(commandsOf(advice)[1]).toContain('--secret-id "$SECRET_ARN"');
    expect(advice.happened).toContain('The new one is active, but only');
  });

  it.each(CASES)('tells of $code in $step without any', ({ code, step }) => {
    const { happened, affected, todo } = advise(code, step, {}, {});

    for (const text of [happened, affected, ...todo.map((action) => action.text)]) {
      expect(text.replaceAll('$VERSION_ID', VERSION)).toMatch(/^[A-Z][^[\]$`]{8,}\.$/);
      expect(text.length).toBeLessThan(650);
    }
    for (const [variable] of commandsOf({ happened, affected, todo })
      .join()
      .matchAll(/\$[A-Z_]+/g)) {
      expect(variable).toMatch(
        /^\$(?:SECRET_ARN|VERSION_ID|AWS_REGION|FUNCTION_NAME|REQUEST_ID|TOKEN_ID|GITLAB_URL|PROJECT_ID|TOKEN|GITLAB_TOKEN|CURRENT_VERSION_ID|CURRENT_NOW|RECOVERY_SECRET_ARN)$/,
      );
    }
  });

  it('quotes a name that a shell would read otherwise', () => {
    const secretId = ARN.replace('prod/app', 'rds!cluster');
    const [command] = commandsOf(advise('EVENT_INVALID', undefined, {}, { secretId }));

    expect(command).toBe(
      `aws secretsmanager rotate-secret --secret-id '${secretId}' --region eu-central-1`,
    );
  });

  const KINDS = [
    {},
    { standby: true },
    { recoveredBy: 'standby' },
    { recoveredBy: 'salvage' },
    { recovery: 'refused' },
    { recovery: 'expires-too-soon' },
    { recovery: 'several-candidates' },
    { currentActive: true, replacedByHand: true },
  ];
  const FIELDS = [
    'candidates',
    'currentVersionId',
    'difference',
    'error',
    'expectedTokenId',
    'expectedUserId',
    'expiresAt',
    'nextRotation',
    'operation',
    'permission',
    'previousVersionId',
    'reason',
    'recoveryExpiresAt',
    'recoveryRefusal',
    'refusal',
    'retryAfterSeconds',
    'salvageVersionId',
    'status',
    'tokenId',
    'userId',
  ];

  it('never lets a text from outside into a command or a sentence', () => {
    const hostile = fc.string({ minLength: 1, maxLength: 80 }).map((text) => `${text};reboot #`);

    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom(...CASES),
        fc.constantFrom(...KINDS),
        (text, { code, step }, kind) => {
          const texts = Object.fromEntries(FIELDS.map((field) => [field, text]));
          const ids = {
            secretId: text,
            versionId: text,
            requestId: text,
            functionName: text,
            region: text,
          };

          const advice = advise(code, step, { ...texts, ...kind }, ids);

          expect(JSON.stringify(advice)).not.toContain('reboot');
        },
      ),
    );
  });
});
