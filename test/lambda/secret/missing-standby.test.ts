import { describe, expect, it } from 'vitest';
import { type RotationError, riskAt } from '../../../lambda/failure.ts';
import { areActive, failureOf, startAlternatingRig } from '../../rig/function/alternating-rig.ts';
import { addRecovery } from '../../rig/function/recovery-rig.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { dropPending } from '../../rig/function/test-secret-rig.ts';
import { beginAnew, putLater } from '../healing/salvage/salvage-rig.ts';

const settings = { alternatingTokens: true };

/** What was deployed last. */
function deploy({ services }: Rig, alternatingTokens: boolean): void {
  Object.assign(services.settings, { alternatingTokens });
}

const LACKING = [
  [
    'JSON without the member',
    () => '{"token":"first"}',
    'json',
    'SECRET_MALFORMED: the field "standby" is missing, and ALTERNATING_TOKENS asks for one',
  ],
  [
    'JSON in which it is null',
    () => '{"token":"first","standby":null}',
    'json',
    'SECRET_MALFORMED: the field "standby" is missing, and ALTERNATING_TOKENS asks for one',
  ],
  [
    'plain text',
    () => 'first',
    'plain-text',
    'SECRET_MALFORMED: the secret is plain text, which has no room for a standby, and ALTERNATING_TOKENS asks for one',
  ],
] as const;

describe('a secret without the standby that the function is told of', () => {
  it.each(LACKING)('is not rotated: %s', async (_, secretString, form, message) => {
    await using rig = await startRig({ secretString, settings });

    const failure = (await failureOf(rig.run('createSecret'))) as RotationError;

    expect(failure).toMatchObject({ message, details: { missing: 'standby', form } });
    expect(riskAt('createSecret', failure)).toBe('none');
    expect(rig.gitlab.calls).toEqual([]);
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toBeUndefined();
  });

  it.each(LACKING)('does not pass the dry run: %s', async (_, secretString, form, message) => {
    await using rig = await startRig({ secretString, settings });

    const failure = (await failureOf(rig.dryRun())) as RotationError;

    expect(failure).toMatchObject({ message, details: { dryRun: true, missing: 'standby', form } });
    expect(riskAt('testSecret', failure)).toBe('none');
  });

  it('does not stop a rotation that had begun before the function was told', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    deploy(rig, true);

    await rig.run('testSecret');
    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(rig.notices).toEqual([]);
  });

  it('is rotated as one token where the function is told the contrary, or nothing', async () => {
    await using rig = await startRig({ settings: { alternatingTokens: false } });

    await rig.run('createSecret');

    expect(areActive(rig, 'first', 'successor-1')).toEqual({ first: false, 'successor-1': true });
  });
});

describe('a function that is told of a standby', () => {
  it('rotates a secret that has one', async () => {
    const rotationRules = { AutomaticallyAfterDays: 15 };
    await using rig = await startAlternatingRig({ settings, rotationRules });

    await rig.dryRun();
    await rig.run('createSecret', await beginAnew(rig));

    expect(areActive(rig, 'first', 'standby')).toEqual({ first: true, standby: false });
  });

  it('takes a lost successor from a version of the time when there was none', async () => {
    await using rig = await startRig();
    rig.clock.advance(60_000);
    await rig.run('createSecret');
    await dropPending(rig);
    rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['self_rotate'],
      value: 'current',
    });
    // The standby is the token that was rotated in the version that lost its label.
    await putLater(rig, '{"token":"current","standby":{"token":"first"}}');
    deploy(rig, true);

    await rig.run('createSecret', await beginAnew(rig));

    expect(rig.value('AWSPENDING')).toMatchObject({
      token: 'successor-1',
      standby: { token: 'current' },
    });
    expect(rig.notices.map(({ code }) => code)).toEqual(['HEALED']);
  });

  it('looks for none in the recovery secret', async () => {
    await using rig = await startAlternatingRig({ settings });
    await addRecovery(rig);

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('comes after the standby, and goes before it', async () => {
    await using rig = await startRig({ secretString: () => '{"token":"first"}' });
    rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['self_rotate'],
      value: 'standby',
    });
    await putLater(rig, '{"token":"first","standby":{"token":"standby"}}');
    deploy(rig, true);
    await rig.run('createSecret');
    await rig.run('finishSecret');
    expect(areActive(rig, 'first', 'standby')).toEqual({ first: true, standby: false });

    deploy(rig, false);
    await putLater(rig, '{"token":"successor-1"}');
    await rig.run('createSecret', await beginAnew(rig));

    expect(areActive(rig, 'first', 'successor-1')).toEqual({ first: true, 'successor-1': false });
  });
});
