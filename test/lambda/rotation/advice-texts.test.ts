import { expect, it } from 'vitest';
import { type Action, adviseOn } from '../../../lambda/rotation/advice.ts';
import { REFUSALS } from '../../../lambda/rotation/advice-refusals.ts';
import type {
  Details,
  FailureCode,
  NoticeCode,
  Risk,
  Step,
} from '../../../lambda/rotation/failure.ts';
import { ARN, advise, CODES, CURRENT, IDS, VERSION } from './advice-cases.ts';

interface Situation {
  readonly code: FailureCode | NoticeCode;
  readonly step?: Step;
  readonly details?: Details;
  /** Where the step states it. */
  readonly risk?: Risk;
}

const DAYS = { expiresAt: '2030-01-10', nextRotation: '2030-01-12' };
const ANOTHER = { tokenId: '12', expectedTokenId: '11' };
const DRY_RUN = { dryRun: true, currentVersionId: CURRENT };

/** Whatever is told in words of its own. */
const SITUATIONS: readonly Situation[] = [
  ...CODES.map((code) => ({ code })),
  ...Object.keys(REFUSALS).map(
    (refusal): Situation => ({ code: 'ROTATION_REFUSED', details: { refusal } }),
  ),
  ...['expired', 'revoked', 'unusable'].map(
    (reason): Situation => ({ code: 'CURRENT_TOKEN_DEAD', details: { reason } }),
  ),
  { code: 'STORE_UNAVAILABLE', details: { operation: 'DescribeSecret' } },
  { code: 'GITLAB_RATE_LIMITED', details: { retryAfterSeconds: 42 } },
  { code: 'SUCCESSOR_NOT_STORED', details: { tokenId: '4712' } },
  { code: 'EXPIRES_TOO_SOON', step: 'testSecret', details: DAYS },
  { code: 'EXPIRES_TOO_SOON', step: 'testSecret', details: { scopes: ['read_api'] } },
  { code: 'NOT_PROMOTED', step: 'finishSecret', details: { currentVersionId: CURRENT } },
  { code: 'GITLAB_UNREACHABLE', step: 'testSecret', details: { reason: 'ECONNREFUSED' } },
  { code: 'PENDING_TOKEN_REJECTED', step: 'testSecret', details: { reason: 'revoked' } },
  { code: 'PENDING_TOKEN_REJECTED', step: 'testSecret', details: ANOTHER },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...DRY_RUN, ...ANOTHER },
    risk: 'none',
  },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...DRY_RUN, reason: 'expired' },
  },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...DRY_RUN, ...DAYS, reason: 'expires-too-soon' },
    risk: 'none',
  },
];

/** A long id would hide the text. */
function shortened(text: string): string {
  return text.replaceAll(ARN, 'ARN').replaceAll(VERSION, 'NEW').replaceAll(CURRENT, 'OLD');
}

/** Many advices end alike: what was written out once is named by its beginning from then on. */
function writer() {
  const known = new Set<string>();
  return ({ text, commands = [] }: Action): string => {
    const whole = [`- ${text}`, ...commands.map((command) => `    ${command}`)].join('\n');
    const written = known.has(whole) ? `- ${text.slice(0, 60)} [...]` : whole;
    known.add(whole);
    return written;
  };
}

it('says word for word what somebody has read and found right', async () => {
  const write = writer();
  const texts = SITUATIONS.map(({ code, step = 'createSecret', details = {}, risk }) => {
    const { happened, affected, todo } =
      risk === undefined
        ? advise(code, step, details)
        : adviseOn({ ...IDS, code, step, details }, risk);
    const title = `# ${code} in ${step} ${JSON.stringify(details)}`;
    return [title, happened, affected, ...todo.map(write)].join('\n');
  });

  await expect(shortened(`${texts.join('\n\n')}\n`)).toMatchFileSnapshot('advice-texts.txt');
});
