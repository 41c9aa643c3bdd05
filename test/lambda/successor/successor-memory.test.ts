import { describe, expect, it } from 'vitest';
import { startAlternatingRig } from '../../rig/function/alternating-rig.ts';
import { addRecovery } from '../../rig/function/recovery-rig.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { beStoredFirst } from '../../rig/function/rotate-faults.ts';
import { dropPending } from '../../rig/function/test-secret-rig.ts';
import { beginAnew, putLater } from '../healing/salvage/salvage-rig.ts';

describe('a successor that this process has stored', () => {
  /** Reads show nothing of what was stored. */
  async function startUnseen() {
    const rig = await startRig();
    const credential = await addRecovery(rig);
    await rig.run('createSecret');
    rig.services.secrets.readPending = async () => undefined;
    return Object.assign(rig, { credential });
  }

  it('is not looked for, let alone rotated, while reads do not show it', async () => {
    await using rig = await startUnseen();

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(rig.log.at(-1)?.message).toBe('the version has a value already');
  });

  it('is looked for by another rotation, whose version has no value yet', async () => {
    await using rig = await startUnseen();
    await dropPending(rig);
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'salvage' } }]);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('is not looked for either when another run had stored one first', async () => {
    await using rig = await startRig();
    beStoredFirst(rig);
    await rig.run('createSecret');
    rig.services.secrets.readPending = async () => undefined;

    await rig.run('createSecret');

    expect(rig.log.at(-1)?.message).toBe('the version has a value already');
  });
});

describe('a kept successor that was stored after all', () => {
  /** Every answer to its put is lost. */
  async function startStored<T extends Rig>(rig: T, code = 'SUCCESSOR_NOT_STORED'): Promise<T> {
    const put = { operation: 'PutSecretValue', at: 'after', nth: 2, times: 1000 } as const;
    rig.secretsManager.faults.add({ ...put, effect: { kind: 'reset' } });
    await expect(rig.run('createSecret')).rejects.toMatchObject({ code });
    rig.secretsManager.faults.clear();
    return rig;
  }

  /** The next read of the version shows no value yet. */
  function hideOnce({ services: { secrets } }: Rig): void {
    const { readPending } = secrets;
    secrets.readPending = async () => {
      secrets.readPending = readPending;
      return undefined;
    };
  }

  it.each([
    ['one token', startRig, 'SUCCESSOR_NOT_STORED'],
    ['two tokens', startAlternatingRig, 'STANDBY_LOST'],
  ] as const)(
    'is not revoked as superfluous when reads show an older secret: %s',
    async (_name, start, code) => {
      await using rig: Rig = await startStored<Rig>(await start(), code);
      const { readCurrent } = rig.services.secrets;
      hideOnce(rig);
      rig.services.secrets.readCurrent = async (...read) => {
        const current = await readCurrent.apply(rig.services.secrets, read);
        return { ...current, secretString: ` ${current.secretString}` };
      };

      await rig.run('createSecret');

      expect(rig.gitlab.isActive('successor-1')).toBe(true);
      expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
      expect(rig.log).toContainEqual({
        message: 'the successor is stored already',
        details: { tokenId: expect.any(String) },
      });
    },
  );

  it.each([
    ['a read shows it', () => {}],
    [
      'a put finds it, since somebody has changed the secret',
      async (rig: Rig) => {
        hideOnce(rig);
        await putLater(rig, JSON.stringify({ note: 'edited', ...rig.value('AWSCURRENT') }));
      },
    ],
  ])('is forgotten when %s', async (_what, prepare) => {
    await using rig = await startStored(await startRig());
    await prepare(rig);
    for (const step of ['createSecret', 'testSecret', 'finishSecret'] as const) {
      await rig.run(step);
    }
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(rig.log.map(({ message }) => message).join()).not.toContain('is dropped');
  });
});
