import { describe, expect, it } from 'vitest';
import { json } from '../../../../infra/local/gitlab/state/refusals.ts';
import {
  accessDenied,
  internalError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import { putLater } from './salvage-rig.ts';

/** A secret whose token is dead, with an active one in a younger version. */
async function startDead(): Promise<Rig> {
  const rig = await startRig();
  const { gitlab, project: resource } = rig;
  gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'active' });
  gitlab.revoke(rig.firstTokenId);
  await putLater(rig, 'active', 'ACTIVE');
  return rig;
}

function activeVersion({ secretsManager, secretId }: Rig): string {
  const { versions } = secretsManager.snapshot(secretId);
  return versions.find(({ labels }) => labels.includes('ACTIVE'))?.versionId ?? '';
}

function deny(rig: Rig, operation: string, nth = 1): void {
  const effect = { kind: 'answer', answer: accessDenied(`secretsmanager:${operation}`) } as const;
  rig.secretsManager.faults.add({ operation, at: 'before', nth, times: 1000, effect });
}

function probesOf({ gitlab }: Rig): number {
  return gitlab.calls.filter(({ operation }) => operation === 'probe').length;
}

describe('what salvage costs', () => {
  it('is no probe that would take the time of the alert', async () => {
    await using rig = await startDead();
    const { secrets } = rig.services;
    const { readVersion } = secrets;
    secrets.readVersion = async (secretId, versionId, timeoutMs) => {
      const version = await readVersion.call(secrets, secretId, versionId, timeoutMs);
      if (versionId === activeVersion(rig)) {
        rig.clock.advance(44_000);
      }
      return version;
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { salvage: 'unfinished' },
    });

    expect(rig.gitlab.isActive('active')).toBe(true);
  });

  it('is a read of every version, for the active token may be in the oldest', async () => {
    await using rig = await startDead();
    for (let count = 1; count <= 12; count += 1) {
      await putLater(rig, `nobody-${count}`, `LABEL-${count}`);
    }

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('active');
  });

  it('is no read for which there is no time, and that is told', async () => {
    await using rig = await startDead();
    for (let count = 1; count <= 12; count += 1) {
      await putLater(rig, `nobody-${count}`, `LABEL-${count}`);
    }
    const { listVersions, readVersion } = rig.services.secrets;
    let reads = 0;
    rig.services.secrets.listVersions = (...list) => {
      rig.services.secrets.readVersion = (...read) => {
        reads += 1;
        rig.clock.advance(4_000);
        return readVersion.apply(rig.services.secrets, read);
      };
      return listVersions.apply(rig.services.secrets, list);
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { salvage: 'unfinished' },
    });

    expect(reads).toBe(4);
  });

  it('is no second probe of a token that is known to be dead', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    await putLater(rig, 'first', 'COPY');

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(probesOf(rig)).toBe(1);
  });

  it.each(['"active"', '["active"]', '{"token":"\\"active\\""}'])(
    'is no probe of a value that is no token: %s',
    async (value) => {
      await using rig = await startRig();
      rig.gitlab.revoke(rig.firstTokenId);
      await putLater(rig, value, 'ODD');

      await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

      expect(probesOf(rig)).toBe(1);
    },
  );

  it('is no probe that the alert has no time for', async () => {
    await using rig = await startDead();
    const { listVersions } = rig.services.secrets;
    rig.services.secrets.listVersions = async (...list) => {
      const versions = await listVersions.apply(rig.services.secrets, list);
      // Pauses of twelve seconds have passed before.
      rig.clock.advance(43_500);
      return versions;
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { salvage: 'unfinished' },
    });

    expect(probesOf(rig)).toBe(1);
    expect(rig.gitlab.isActive('active')).toBe(true);
  });
});

describe('when nobody answers for a moment while a successor is looked for', () => {
  it('GitLab is asked again', async () => {
    await using rig = await startDead();
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 2, effect: { kind: 'reset' } });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('active');
  });

  it.each(['ListSecretVersionIds', 'GetSecretValue'])(
    'Secrets Manager is asked again: %s',
    async (operation) => {
      await using rig = await startDead();
      const { listVersions } = rig.services.secrets;
      rig.services.secrets.listVersions = (...list) => {
        rig.services.secrets.listVersions = listVersions;
        const effect = { kind: 'answer', answer: internalError() } as const;
        // More often than the SDK tries by itself.
        rig.secretsManager.faults.add({ operation, at: 'before', times: 7, effect });
        return listVersions.apply(rig.services.secrets, list);
      };

      await rig.run('createSecret');

      expect(rig.value('AWSPENDING')?.token).toBe('active');
    },
  );
});

describe('a list of versions that has no end in time', () => {
  it('is asked for again, and what it shows counts all the same', async () => {
    await using rig = await startDead();
    const { listVersions } = rig.services.secrets;
    let lists = 0;
    rig.services.secrets.listVersions = async (...list) => {
      lists += 1;
      const { versions } = await listVersions.apply(rig.services.secrets, list);
      return { versions: lists === 1 ? versions : [], isWhole: false };
    };

    await rig.run('createSecret');

    expect(lists).toBeGreaterThan(1);
    expect(rig.value('AWSPENDING')?.token).toBe('active');
  });

  it('proves nothing where it shows no active token, which is told', async () => {
    await using rig = await startDead();
    rig.services.secrets.listVersions = async () => ({ versions: [], isWhole: false });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', salvage: 'unfinished' },
    });
  });

  it('is read to its end when it is asked for again', async () => {
    await using rig = await startDead();
    const { listVersions } = rig.services.secrets;
    rig.services.secrets.listVersions = async () => {
      rig.services.secrets.listVersions = listVersions;
      return { versions: [], isWhole: false };
    };

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('active');
  });
});

describe('when somebody refuses while a successor is looked for', () => {
  it.each([
    ['ListSecretVersionIds', 1],
    ['GetSecretValue', 3],
  ])('the failure stays what it was: %s', async (operation, nth) => {
    await using rig = await startDead();
    deny(rig, operation, nth);

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', salvage: 'unfinished' },
    });

    expect(rig.value('AWSPENDING')).toBeUndefined();
  });

  it('GitLab refusing to say whether it lives changes nothing either', async () => {
    await using rig = await startDead();
    const answer = json(403, { message: '403 Forbidden - Your account has been blocked.' });
    const effect = { kind: 'answer', answer } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 2, times: 1000, effect });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { salvage: 'unfinished' },
    });

    expect(probesOf(rig)).toBe(2);
  });

  it('says nothing of the search where every version was looked into', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);
    await putLater(rig, '["no", "token"]', 'ODD');
    await putLater(rig, new Uint8Array([1]), 'BINARY');

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: expect.not.objectContaining({ salvage: expect.anything() }),
    });
  });

  it('a version is not taken for younger than one that the list does not show', async () => {
    await using rig = await startDead();
    const createdAt = rig.clock.now();
    rig.services.secrets.listVersions = async () => ({
      versions: [{ versionId: activeVersion(rig), createdAt }],
      isWhole: true,
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });
  });

  it('says where the active token is that it could not store', async () => {
    await using rig = await startDead();
    deny(rig, 'PutSecretValue');

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { salvage: 'not-stored', salvageVersionId: activeVersion(rig) },
    });

    expect(rig.gitlab.isActive('active')).toBe(true);
    rig.secretsManager.faults.clear();
    await rig.run('createSecret');
    expect(rig.value('AWSPENDING')?.token).toBe('active');
  });
});
