import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hasFindings, readReport, withDays } from '../../../infra/status/report.ts';
import { presentStatus } from '../../../infra/status/table.ts';
import type { Report as WatchReport } from '../../../lambda/watch/run.ts';

const VERSIONS = {
  '1a1a1a1a-0000-4000-8000-000000000000': ['AWSCURRENT'],
  '2b2b2b2b-0000-4000-8000-000000000000': ['AWSPREVIOUS'],
};
const [CURRENT = ''] = Object.keys(VERSIONS);
const PENDING = '3c3c3c3c-0000-4000-8000-000000000000';

const WELL: WatchReport['secrets'][number] = {
  name: 'app/well',
  current: { tokenId: '1', expiresAt: '2027-02-28' },
  lastRotated: '2026-11-20T01:00:00.000Z',
  nextRotation: '2026-12-20T23:59:59.000Z',
  labels: VERSIONS,
  tokens: { [CURRENT]: 'active' },
  findings: [],
};
const { current: _, ...WITHOUT_TOKEN } = WELL;

/** What the watch returns, in its own type. */
const REPORT: WatchReport = {
  checkedAt: '2026-11-30T06:00:00.000Z',
  secrets: [
    {
      ...WITHOUT_TOKEN,
      name: 'app/revoked',
      tokens: { [CURRENT]: 'dead' },
      findings: [
        {
          code: 'REVOKED',
          risk: 'consumers',
          details: { status: 401, gitlabRequestId: 'X', reason: 'revoked' },
        },
      ],
    },
    {
      ...WITHOUT_TOKEN,
      name: 'app/expired',
      tokens: { [CURRENT]: 'dead' },
      standby: { tokenId: '3', expiresAt: '2026-12-01' },
      standbyToken: 'active',
      findings: [
        { code: 'EXPIRED', risk: 'consumers', details: { reason: 'expired' } },
        {
          code: 'STANDBY_EXPIRES_SOON',
          risk: 'none',
          details: { tokenId: '3', expiresAt: '2026-12-01' },
        },
      ],
    },
    {
      name: 'app/unreadable',
      labels: {},
      tokens: {},
      findings: [{ code: 'UNREADABLE', risk: 'unknown', details: { operation: 'DescribeSecret' } }],
    },
    {
      ...WELL,
      name: 'app/stuck',
      labels: { ...VERSIONS, [PENDING]: ['AWSPENDING'] },
      standbyToken: 'dead',
      findings: [
        { code: 'ROTATION_STUCK', risk: 'none', details: { pendingVersionId: PENDING } },
        { code: 'STANDBY_DEAD', risk: 'none', details: { reason: 'expired' } },
      ],
    },
    {
      ...WELL,
      name: 'app/silent-standby',
      standbyToken: 'not-checked',
      findings: [
        {
          code: 'SCOPE_MISSING',
          risk: 'none',
          details: { scopes: ['read_api', 'read_user'], granular: false },
        },
        {
          code: 'SECRET_MALFORMED',
          risk: 'none',
          details: { message: 'SECRET_MALFORMED: the field is missing' },
        },
      ],
    },
    {
      ...WELL,
      name: 'app/standby-revoked',
      standbyToken: 'dead',
      findings: [{ code: 'STANDBY_DEAD', risk: 'none', details: { reason: 'revoked' } }],
    },
    {
      ...WELL,
      name: 'app/never-expires',
      current: { tokenId: '9', expiresAt: null },
      labels: { [CURRENT]: ['AWSCURRENT', 'AWSPENDING'] },
    },
    WELL,
    { ...WELL, name: `group/${'a-long-name-'.repeat(6)}/token` },
  ],
  recovery: {
    arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:recovery-AbCdEf',
    expiresAt: '2026-12-05',
    findings: [
      {
        code: 'RECOVERY_EXPIRES_SOON',
        risk: 'none',
        details: { recoveryExpiresAt: '2026-12-05' },
      },
    ],
  },
};

function shown(report: WatchReport, width = 100): string {
  return presentStatus(readReport(JSON.stringify(report)), { title: 'Secrets', width });
}

describe('the table', () => {
  it('shows each secret in a line, and its findings beneath it', () => {
    expect(shown(REPORT)).toMatchInlineSnapshot(`
      "Secrets, 2026-11-30 06:00 UTC

                                                  days to expiry    rotation                version of AWS
        secret                                    current  standby  last        next        CURR PEND PREV
      ✗ app/revoked                               revoked        -  2026-11-20  2026-12-20  1a1a -    2b2b
          REVOKED: reason revoked
      ✗ app/expired                               expired        1  2026-11-20  2026-12-20  1a1a -    2b2b
          EXPIRED: reason expired
          STANDBY_EXPIRES_SOON: tokenId 3, expiresAt 2026-12-01
      ! app/unreadable                                  ?        -  -           -           -    -    -
          UNREADABLE: operation DescribeSecret
      ! app/stuck                                      90  expired  2026-11-20  2026-12-20  1a1a 3c3c 2b2b
          ROTATION_STUCK: pendingVersionId 3c3c3c3c-0000-4000-8000-000000000000
          STANDBY_DEAD: reason expired
      ! app/silent-standby                             90        ?  2026-11-20  2026-12-20  1a1a -    2b2b
          SCOPE_MISSING: scopes read_api read_user, granular false
          SECRET_MALFORMED: the field is missing
      ! app/standby-revoked                            90  revoked  2026-11-20  2026-12-20  1a1a -    2b2b
          STANDBY_DEAD: reason revoked
      ✓ app/never-expires                           never        -  2026-11-20  2026-12-20  1a1a 1a1a -
      ✓ app/well                                       90        -  2026-11-20  2026-12-20  1a1a -    2b2b
      ✓ group/a-long-name-a-…-a-long-name-/token       90        -  2026-11-20  2026-12-20  1a1a -    2b2b

      ! recovery credential recovery-AbCdEf, days to expiry: 5
          RECOVERY_EXPIRES_SOON: recoveryExpiresAt 2026-12-05

      6 of 9 secrets have findings; 2 of them affect consumers now.
      What to do about each code: lambda/alerts/runbook.md"
    `);
  });

  it('is the same with colours, which the risk chooses', () => {
    const plain = shown(REPORT);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    vi.stubEnv('FORCE_COLOR', '1');

    const painted = shown(REPORT);

    expect(painted).toContain('\u001b[31m✗\u001b[39m app/revoked');
    expect(painted).toContain('\u001b[33m!\u001b[39m app/stuck');
    expect(painted).toContain('\u001b[32m✓\u001b[39m app/well');
    expect(painted).toContain('\u001b[31mREVOKED\u001b[39m: reason revoked');
    expect(stripVTControlCharacters(painted)).toBe(plain);
  });

  it.each([80, 100, 120])('fits %i columns', (width) => {
    const lines = shown(REPORT, width).split('\n');

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  it('says so if all is well, and what is wrong with the recovery credential alone', () => {
    const well = { checkedAt: REPORT.checkedAt, secrets: [WELL] };
    const { recovery } = REPORT;

    expect(shown(well)).toMatch(/\nNo findings in 1 secret\.$/);
    expect(hasFindings(readReport(JSON.stringify(well)))).toBe(false);
    expect(shown({ ...well, ...(recovery && { recovery }) })).toMatch(
      /\nNo findings in 1 secret\.\nWhat to do/,
    );
    expect(hasFindings(readReport(JSON.stringify({ ...well, recovery })))).toBe(true);
    expect(shown({ ...well, recovery: { arn: 'a:b:c:d:e:f:r', findings: [] } })).toContain(
      '✓ recovery credential r, days to expiry: ?',
    );
  });
});

describe('the JSON', () => {
  it('is the report of the watch, with the days to expiry', () => {
    const text = JSON.stringify({ ...REPORT, verdict: 'of a later version' });
    const { secrets, recovery, ...others } = withDays(readReport(text));

    expect(others).toEqual({ checkedAt: REPORT.checkedAt, verdict: 'of a later version' });
    expect(recovery).toEqual({ ...REPORT.recovery, expiresInDays: 5 });
    expect(secrets.map(({ name }) => name)).toEqual(REPORT.secrets.map(({ name }) => name));
    expect(secrets[1]?.standby).toEqual({
      tokenId: '3',
      expiresAt: '2026-12-01',
      expiresInDays: 1,
    });
    expect(secrets[6]?.current).toEqual({ tokenId: '9', expiresAt: null });
    expect(secrets[7]).toEqual({ ...WELL, current: { ...WELL.current, expiresInDays: 90 } });
  });
});
