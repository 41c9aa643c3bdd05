import { describe, expect, it } from 'vitest';
import { Runbook } from '../../../../lambda/alerts/runbook.ts';
import { isAboutStandby, keysOf } from '../../../../lambda/alerts/runbook-keys.ts';
import type { About } from '../../../../lambda/alerts/runbook-values.ts';
import type { Details, FailureCode, NoticeCode, Step } from '../../../../lambda/failure.ts';
import { CURRENT } from '../cases.ts';
import { FOUND } from '../finding-situations.ts';
import { UNHEALED } from '../healing-situations.ts';
import { aboutIn, OLDER, riskIn, type Situation } from '../situation.ts';
import { SITUATIONS } from '../situations.ts';

const runbook = new Runbook();

function keysIn(situation: Situation<About['code']>): readonly string[] {
  return keysOf(aboutIn(situation), riskIn(situation), runbook);
}

function keysFor(code: FailureCode | NoticeCode, details: Details = {}, step?: Step) {
  return keysIn({ code, details, ...(step !== undefined && { step }) });
}

describe(keysOf, () => {
  it('picks in every situation what somebody has read and found right', async () => {
    const lines = [...SITUATIONS, ...UNHEALED, ...FOUND].map((situation) => {
      const { code, step = 'createSecret', details = {} } = situation;
      return `${code} in ${step} ${JSON.stringify(details)}\n  ${keysIn(situation).join(', ')}`;
    });

    const text = [...new Set(lines)]
      .join('\n')
      .replaceAll(CURRENT, 'OLD')
      .replaceAll(OLDER, 'OLDER');
    await expect(`${text}\n`).toMatchFileSnapshot('runbook-keys.txt');
  });

  it.each([{}, { refusal: 'constructor' }, { refusal: 7 }, { refusal: ['read-only', 'other'] }])(
    'takes %j for another refusal',
    (details) => {
      expect(keysFor('ROTATION_REFUSED', details)).toContain('refusal/other');
    },
  );

  it.each(['toString', ['expired'], 7])('takes %j for an unknown reason', (reason) => {
    expect(keysFor('CURRENT_TOKEN_DEAD', { reason })).toContain('reason/unknown');
  });

  it.each(['constructor', 'refuse', 7, true])(
    'has nothing to say of a recovery that ended with %j',
    (recovery) => {
      expect(keysFor('SUCCESSOR_LOST', { recovery })).toEqual(keysFor('SUCCESSOR_LOST'));
    },
  );

  it.each(['', '; reboot', 7, [OLDER]])('takes %j for no version', (version) => {
    expect(keysFor('SUCCESSOR_LOST', { salvageVersionId: version })).toEqual(
      keysFor('SUCCESSOR_LOST'),
    );
    expect(keysFor('CURRENT_TOKEN_DEAD', { previousVersionId: version })).toEqual(
      keysFor('CURRENT_TOKEN_DEAD'),
    );
  });

  it.each(['GitLab is down', true])('takes %j for no maintenance', (gitlabSays) => {
    expect(keysFor('GITLAB_UNREACHABLE', { gitlabSays })).toEqual(keysFor('GITLAB_UNREACHABLE'));
  });

  it.each(['GITLAB_UNREACHABLE', 'NOT_PROMOTED'] as const)(
    'knows that a token is stored once createSecret is through: %s',
    (code) => {
      expect(keysFor(code, {}, 'finishSecret')).toContain('Rotated');
      expect(keysFor(code, {}, 'setSecret')).not.toContain('Rotated/perhaps the dry run');
      expect(keysFor(code, {}, 'testSecret')).toContain('Rotated/perhaps the dry run');
      expect(keysFor(code, { currentVersionId: CURRENT }, 'testSecret').at(-1)).toBe(
        'Rotated/tries again',
      );
    },
  );

  it.each<[Details[string], readonly string[]]>([
    [499, ['any status', 'status below 500']],
    [500, ['any status']],
    ['502', ['no status']],
  ])('knows by the status %j what has answered', (status, rows) => {
    expect(keysFor('GITLAB_UNREACHABLE', { status }).slice(2)).toEqual(
      rows.map((row) => `GITLAB_UNREACHABLE/${row}`),
    );
  });

  it('knows by the code alone that a token is stored', () => {
    expect(keysFor('NOT_PROMOTED')).toContain('Rotated');
    expect(keysFor('GITLAB_UNREACHABLE')).not.toContain('Rotated');
  });

  it.each(['CURRENT_TOKEN_DEAD', 'PENDING_TOKEN_REJECTED', 'VERSION_NOT_STAGED'] as const)(
    'does not send anybody to a stored token that is no cure: %s',
    (code) => {
      expect(keysFor(code, {}, 'finishSecret')).not.toContain('Rotated');
      expect(keysFor(code, { currentActive: true }, 'finishSecret')).not.toContain(
        'Standby rotated',
      );
    },
  );

  it('says nothing of a rotation where the step says that consumers are safe', () => {
    const about = aboutIn({ code: 'STANDBY_LOST', step: 'finishSecret' });

    expect(keysOf(about, 'none', runbook)).not.toContain('Rotated');
  });
});

describe(isAboutStandby, () => {
  it.each<[FailureCode | NoticeCode, Details, boolean]>([
    ['STANDBY_DEAD', {}, true],
    ['STANDBY_LOST', {}, true],
    ['SCOPE_MISSING', { standby: true }, true],
    ['SCOPE_MISSING', { standby: 'true' }, false],
    ['SCOPE_MISSING', {}, false],
    ['PENDING_TOKEN_REJECTED', { currentActive: true }, true],
    ['PENDING_TOKEN_REJECTED', { currentActive: 'unknown' }, false],
    ['HEALED', { recoveredBy: 'standby' }, true],
    ['HEALED', { recoveredBy: 'given-back' }, true],
    ['HEALED', { recoveredBy: 'salvage' }, false],
  ])('%s with %j: %s', (code, details, expected) => {
    expect(isAboutStandby(aboutIn({ code, details }))).toBe(expected);
  });
});
