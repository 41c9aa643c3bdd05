import { describe, expect, it } from 'vitest';
import {
  fillCommands,
  fillText,
  readArn,
  valuesOf,
} from '../../../../lambda/alerts/runbook-values.ts';
import type { Details } from '../../../../lambda/failure.ts';
import { ARN, IDS, VERSION } from '../cases.ts';

function valuesIn(details: Details) {
  return valuesOf({ ...IDS, code: 'UNEXPECTED', details });
}

describe(valuesOf, () => {
  it('gives what the place of a failure is called, and no more', () => {
    const known = Object.entries(valuesIn({})).filter(([, value]) => value !== undefined);

    expect(Object.fromEntries(known)).toEqual({
      SECRET_ARN: ARN,
      SECRET_NAME: 'prod/app/gitlab',
      VERSION_ID: VERSION,
      AWS_REGION: 'eu-central-1',
      FUNCTION_NAME: 'rotate-gitlab',
      REQUEST_ID: '33333333-cccc-4ccc-8ccc-333333333333',
    });
  });

  it('takes the region of the invocation for a secret without one', () => {
    const values = valuesOf({ code: 'EVENT_INVALID', details: {}, region: 'us-gov-east-1' });

    expect(values).toMatchObject({ AWS_REGION: 'us-gov-east-1', SECRET_ARN: undefined });
  });

  it('lets no detail stand for the place', () => {
    const details = { versionId: `${VERSION}0`, requestId: 'another', functionName: 'another' };

    expect(valuesIn(details)).toEqual(valuesIn({}));
    expect(valuesOf({ code: 'UNEXPECTED', details })['VERSION_ID']).toBeUndefined();
  });

  it.each<[string, string, readonly Details[string][], readonly Details[string][]]>([
    ['tokenId', 'TOKEN_ID', ['12', 12], ['', 'x', '-1', '1.5', ['12'], 1.5, '1'.repeat(21)]],
    ['userId', 'USER_ID', ['12'], ['x']],
    ['expectedUserId', 'EXPECTED_USER_ID', ['12'], ['x']],
    ['expectedTokenId', 'EXPECTED_TOKEN_ID', ['12'], ['x']],
    [
      'currentVersionId',
      'CURRENT_VERSION_ID',
      [VERSION, 'v'.repeat(64)],
      ['v'.repeat(31), 'v'.repeat(65), `${VERSION} x`, `$${VERSION}`, [VERSION]],
    ],
    ['previousVersionId', 'PREVIOUS_VERSION_ID', [VERSION], ['; reboot']],
    ['salvageVersionId', 'SALVAGE_VERSION_ID', [VERSION], ['; reboot']],
    [
      'expiresAt',
      'EXPIRES_AT',
      ['2030-01-10'],
      ['on 2030-01-10', '2030-01-10T00:00:00Z', '10 Jan 2030', ['2030-01-10'], 20300110],
    ],
    ['nextRotation', 'NEXT_ROTATION', ['2030-01-10'], ['never']],
    ['recoveryExpiresAt', 'RECOVERY_EXPIRES_AT', ['2030-01-10'], ['never']],
    [
      'reason',
      'REASON',
      ['A', 'ECONNREFUSED', 'expires-too-soon', 'UND_ERR_1', 'x'.repeat(64)],
      ['', '-A', '1A', '; A', 'A;', 'A B', 'x'.repeat(65), ['A'], 7, true],
    ],
    ['operation', 'OPERATION', ['PutSecretValue'], ['Put SecretValue']],
    ['error', 'ERROR', ['TypeError'], ['a b']],
    ['status', 'STATUS', [503, '503'], [50, 5030, 'x503', '503x']],
    [
      'permission',
      'PERMISSION',
      ['Personal Access Token: Read', `A${'b'.repeat(399)}`],
      ['glpat-secret', 'Read]', 'Read\nand more', 7, '', 'x'.repeat(401)],
    ],
  ])('takes for %s only what has its shape', (field, name, fit, unfit) => {
    for (const value of fit) {
      expect(valuesIn({ [field]: value })[name]).toBe(String(value));
    }
    for (const value of unfit) {
      expect([value, valuesIn({ [field]: value })[name]]).toEqual([value, undefined]);
    }
  });

  it.each([600, '600'])(
    'says a pause as people do, where it is a number: %j',
    (retryAfterSeconds) => {
      expect(valuesIn({ retryAfterSeconds })['RETRY_AFTER']).toBe(
        retryAfterSeconds === 600 ? 'about 10 minutes' : undefined,
      );
    },
  );

  it.each(['a b', 'x'.repeat(65), '$(reboot)'])('takes %s for no id of the place', (text) => {
    const values = valuesOf({
      code: 'UNEXPECTED',
      details: {},
      requestId: text,
      functionName: text === 'x'.repeat(65) ? 'f'.repeat(171) : text,
      region: text,
      versionId: text,
    });

    expect(Object.values(values).filter((value) => value !== undefined)).toEqual([]);
  });
});

describe(readArn, () => {
  it('reads the region and the name of a secret', () => {
    expect(readArn(ARN)).toEqual({ arn: ARN, region: 'eu-central-1', name: 'prod/app/gitlab' });
  });

  it.each([
    undefined,
    `${ARN};reboot`,
    `$(reboot)${ARN}`,
    ARN.replace('prod/app', 'a b'),
    ARN.replace('prod/app', '$(reboot)'),
    ARN.replace('prod/app', "'"),
    ARN.replace(':secret:', ':key:'),
  ])('does not take %s for the ARN of a secret', (secretId) => {
    expect(readArn(secretId)).toBeUndefined();
  });
});

describe(fillText, () => {
  it.each([
    ['version `$VERSION_ID` has', 'version 7 has'],
    ['version `$OTHER_ID` has', 'version $OTHER_ID has'],
    ['expires[ on `$EXPIRES_AT`] soon[, since `$REASON`]', 'expires[ on 1 May] soon'],
    ['[`$VERSION_ID`, not `$OTHER_ID`]none', 'none'],
    ['[`$VERSION_ID` and `$EXPIRES_AT`]', '7 and 1 May'],
    ['{"token": "..."} [as it is]', '{"token": "..."} [as it is]'],
  ])('%s', (text, expected) => {
    const values = { VERSION_ID: '7', EXPIRES_AT: '1 May' };

    expect(fillText(text, values)).toBe(expected.replace('[ on 1 May]', ' on 1 May'));
  });
});

describe(fillCommands, () => {
  it('fills in words and parts of words, and quotes what a shell would read otherwise', () => {
    const values = { SECRET_ARN: 'arn:a!b', TOKEN_ID: '7' };

    expect(
      fillCommands(['get "$SECRET_ARN" "$URL/$TOKEN_ID" "$TOKEN_ID" "\\"$TOKEN_ID\\""'], values),
    ).toEqual([`get 'arn:a!b' "$URL/7" 7 "\\"7\\""`]);
  });

  it('leaves out a command that finds what is known', () => {
    const commands = ['CURRENT=$(find)', 'move "$CURRENT"'];

    expect(fillCommands(commands, {})).toEqual(commands);
    expect(fillCommands(commands, { CURRENT: '7' })).toEqual(['move 7']);
    expect(fillCommands(['echo CURRENT=$(find)'], { CURRENT: '7' })).toHaveLength(1);
  });
});
