import { describe, expect, it } from 'vitest';
import { RISKS, RotationError, riskAt, STEPS } from '../../lambda/failure.ts';

describe('RotationError', () => {
  it('begins its message with the code, which is all that Lambda shows', () => {
    const failure = new RotationError('SECRET_MALFORMED', 'the secret holds no token');

    expect(String(failure)).toBe('RotationError: SECRET_MALFORMED: the secret holds no token');
  });

  it('keeps its cause where nothing that prints an object finds it', () => {
    const failure = new RotationError('UNEXPECTED', 'why', { cause: new Error('first') });

    expect(Object.keys(failure)).not.toContain('cause');
    expect(failure.cause).toBeInstanceOf(Error);
    expect(JSON.stringify(failure)).not.toContain('first');
  });

  it('stays the same failure when it is told more', () => {
    const cause = new Error('why');
    const failure = new RotationError('NOT_PROMOTED', 'no', {
      cause,
      risk: 'none',
      details: { status: 1 },
    });

    const told = failure.withDetails({ tokenId: '7' });

    expect(told).toMatchObject({
      code: 'NOT_PROMOTED',
      message: failure.message,
      cause,
      statedRisk: 'none',
      details: { status: 1, tokenId: '7' },
    });
    expect(new RotationError('NOT_PROMOTED', 'no').withDetails({})).toEqual(
      new RotationError('NOT_PROMOTED', 'no'),
    );
  });
});

describe('riskAt', () => {
  it.each(Object.entries(RISKS))('of %s in createSecret is %s', (code, risk) => {
    const failure = new RotationError(code as keyof typeof RISKS, 'why');

    expect(riskAt('createSecret', failure)).toBe(risk);
    expect(riskAt(undefined, failure)).toBe(risk);
  });

  it.each(STEPS.filter((step) => step !== 'createSecret'))(
    'is consumers for every failure in %s, since AWSCURRENT is dead by then',
    (step) => {
      expect(riskAt(step, new RotationError('STORE_DENIED', 'why'))).toBe('consumers');
    },
  );

  it('is unknown for a configuration with which createSecret cannot have passed', () => {
    expect(riskAt('testSecret', new RotationError('CONFIG_INVALID', 'why'))).toBe('unknown');
    expect(riskAt('finishSecret', new RotationError('CONFIG_INVALID', 'why'))).toBe('consumers');
  });

  it('is unknown for an event of a later step that cannot be read', () => {
    const failure = new RotationError('EVENT_INVALID', 'why');

    // Somebody's own, or Secrets Manager's after createSecret: nothing tells.
    for (const step of ['setSecret', 'testSecret', 'finishSecret'] as const) {
      expect(riskAt(step, failure)).toBe('unknown');
    }
    expect(riskAt('createSecret', failure)).toBe('none');
    expect(riskAt(undefined, failure)).toBe('none');
  });

  it('is that of the code in the dry run, which rotated nothing', () => {
    const details = { dryRun: true };

    expect(riskAt('testSecret', new RotationError('SCOPE_MISSING', 'why', { details }))).toBe(
      'none',
    );
  });

  it.each(STEPS)('is none in %s where the token in AWSCURRENT was seen active', (step) => {
    const told = { risk: 'consumers', details: { currentActive: true } } as const;

    expect(riskAt(step, new RotationError('NOT_PROMOTED', 'why', told))).toBe('none');
    expect(riskAt(step, new RotationError('ROTATION_OUTCOME_UNKNOWN', 'why', told))).toBe('none');
  });

  it('is unknown where GitLab could not be asked about it', () => {
    const told = { details: { currentActive: 'unknown' } } as const;

    expect(riskAt('testSecret', new RotationError('GITLAB_UNREACHABLE', 'why', told))).toBe(
      'unknown',
    );
  });

  it('is what the step says, unless a token is dead by then', () => {
    const told = { risk: 'none', details: { dryRun: true } } as const;
    const harmless = new RotationError('PENDING_TOKEN_REJECTED', 'why', told);

    expect(riskAt('testSecret', harmless)).toBe('none');
    expect(riskAt('createSecret', harmless)).toBe('none');
    expect(riskAt('testSecret', new RotationError('SCOPE_MISSING', 'why', { risk: 'none' }))).toBe(
      'consumers',
    );
  });
});
