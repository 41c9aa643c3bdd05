import type { TokenRecord } from '../../../../infra/local/gitlab/gitlab.ts';
import type { CallRecord } from '../../../../infra/local/server/stand-in.ts';
import { type HeldToken, readHeld } from '../../../rig/stage/held.ts';
import type { Name } from './names.ts';
import type { World } from './world.ts';

/** One version of a secret of this world. */
export interface HeldVersion extends HeldToken {
  readonly versionId: string;
  readonly labels: readonly string[];
  /** The second token, where there is one. */
  readonly standby?: HeldToken;
}

/** The versions of a secret, oldest first. */
export function versionsOf({ stage, scenes, tokenIds }: World, name: Name): readonly HeldVersion[] {
  const { versions } = stage.cloud.secretsManager.snapshot(scenes[name].secretId);
  return versions.map(({ versionId, labels, value }) => {
    const { token, tokenId = tokenIds.get(token ?? ''), standby } = readHeld(value);
    return { versionId, labels, token, tokenId, ...(standby && { standby }) };
  });
}

/** The version that has a label. */
export function holderOf(world: World, name: Name, label: string): HeldVersion | undefined {
  return versionsOf(world, name).find(({ labels }) => labels.includes(label));
}

/** The version whose rotation is not complete, and blocks the next. */
export function unfinishedOf(world: World, name: Name): HeldVersion | undefined {
  const pending = holderOf(world, name, 'AWSPENDING');
  return pending?.labels.includes('AWSCURRENT') ? undefined : pending;
}

/** Whether GitLab accepts a token, as the one of a version. */
export function lives({ stage }: World, held: HeldToken | undefined): boolean {
  return held?.token !== undefined && stage.gitlab.isActive(held.token);
}

/** The ids of all tokens that the versions of a secret hold. */
export function heldIds(world: World, name: Name): readonly (number | undefined)[] {
  return versionsOf(world, name).flatMap(({ tokenId, standby }) => [tokenId, standby?.tokenId]);
}

/** What a rotation rotates: the standby where there is one, else the token of consumers. */
export function targetOf(world: World, name: Name): HeldToken | undefined {
  const current = holderOf(world, name, 'AWSCURRENT');
  return current && rotatedIn(current);
}

/** What a rotation of this version would rotate. */
export function rotatedIn(version: HeldVersion): HeldToken {
  return version.standby ?? version;
}

/** The token that consumers have. */
export function currentTokenOf(world: World, name: Name): TokenRecord | undefined {
  const current = holderOf(world, name, 'AWSCURRENT');
  return tokensOf(world, name).find(({ id }) => id === current?.tokenId);
}

/** All tokens that were ever made for the project of a secret. */
export function tokensOf({ stage, scenes, began }: World, name: Name): readonly TokenRecord[] {
  const { gitlab } = stage;
  const { id } = scenes[name].project;
  return gitlab.tokens
    .slice(began.tokens)
    .filter(({ userId }) => gitlab.user(userId).resource?.id === id);
}

/** The calls in which tokens of a secret were presented to GitLab, with their places in the record. */
export function callsOf(world: World, name: Name): readonly (readonly [number, CallRecord])[] {
  const ids = new Set<unknown>(tokensOf(world, name).map(({ id }) => id));
  const { calls } = world.began;
  return world.stage.gitlab.calls
    .slice(calls)
    .map((call, place) => [calls + place, call] as const)
    .filter(([, { note }]) => ids.has(note?.['tokenId']));
}
