import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../../../lambda/alerts/alert.ts';
import { CURRENT } from '../cases.ts';
import type { Situation } from '../situation.ts';
import { readAlert, toldOf } from './alert-cases.ts';

const SERVED = { currentVersionId: CURRENT, currentActive: true };

/** One of each kind: the whole mail, its words and the order of its steps. */
const TYPICAL: readonly Situation[] = [
  { code: 'SUCCESSOR_LOST' },
  { code: 'CURRENT_TOKEN_DEAD', details: { reason: 'revoked' } },
  { code: 'ROTATION_OUTCOME_UNKNOWN' },
  { code: 'PENDING_TOKEN_REJECTED', step: 'testSecret', details: { reason: 'revoked' } },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...SERVED, reason: 'revoked' },
  },
  { code: 'NOT_PROMOTED', step: 'finishSecret', details: { currentVersionId: CURRENT } },
  {
    code: 'ROTATION_REFUSED',
    step: 'testSecret',
    details: { currentVersionId: CURRENT, refusal: 'not-active' },
  },
  { code: 'ROTATION_REFUSED', step: 'testSecret', details: { ...SERVED, refusal: 'not-active' } },
  { code: 'ROTATION_NOT_ENABLED', step: 'setSecret', details: { currentVersionId: CURRENT } },
  { code: 'STANDBY_DEAD', details: { ...SERVED, reason: 'revoked' } },
  { code: 'STANDBY_LOST', details: { ...SERVED, tokenId: '4712' } },
  { code: 'SUCCESSOR_NOT_STORED', details: { tokenId: '4712', takenByDead: true } },
  { code: 'HEALED', details: { recoveredBy: 'recovery', recoveryExpiresAt: '2030-02-01' } },
  { code: 'STORE_DENIED', details: { operation: 'PutSecretValue' } },
];

describe('a mail', () => {
  it('says in typical situations what somebody has read and found right', async () => {
    const mails = TYPICAL.map(({ code, step = 'createSecret', details = {} }) => {
      const { email } = readAlert(renderAlert(toldOf(code, { step, details })));
      return `##### ${code} in ${step} ${JSON.stringify(details)}\n\n${email}\n`;
    });

    await expect(mails.join('\n')).toMatchFileSnapshot('mails.txt');
  });
});
