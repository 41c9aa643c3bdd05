import { tokenExpiry } from '../../../lambda/time/token-expiry.ts';
import { type Rig, type RigProps, startRig } from './rig.ts';

const STANDBY_LIFETIME_DAYS = 40;

/** Two tokens of one project: `first` is current in the secret, `standby` its standby. */
export interface AlternatingRig extends Rig {
  readonly standbyTokenId: number;
}

export interface AlternatingRigProps extends RigProps {
  /** @default - those of the current token */
  readonly standbyScopes?: readonly string[];
  /** @default 40 */
  readonly standbyLifetimeDays?: number;
}

/** As startRig; the secret has a standby. */
export async function startAlternatingRig(
  props: AlternatingRigProps = {},
): Promise<AlternatingRig> {
  const rig = await startRig({ secretString: alternatingSecret, ...props });
  const { id } = rig.gitlab.createAccessToken({
    resource: rig.project,
    scopes: props.standbyScopes ?? props.scopes ?? ['self_rotate'],
    expiresAt: tokenExpiry(rig.clock.now(), props.standbyLifetimeDays ?? STANDBY_LIFETIME_DAYS),
    value: 'standby',
  });
  return Object.assign(rig, { standbyTokenId: id });
}

/** GitLab's ids grow by one, so that of the standby is known before there is one. */
const alternatingSecret: NonNullable<RigProps['secretString']> = ({ projectId, tokenId }) =>
  JSON.stringify({
    token: 'first',
    tokenId: String(tokenId),
    projectId,
    standby: { token: 'standby', tokenId: String(tokenId + 1) },
  });

/** Which of these values GitLab accepts. */
export function areActive({ gitlab }: Pick<Rig, 'gitlab'>, ...values: string[]) {
  return Object.fromEntries(values.map((value) => [value, gitlab.isActive(value)]));
}

/** What a step failed with. */
export async function failureOf(step: Promise<void>): Promise<unknown> {
  return step.then(
    () => undefined,
    (error: unknown) => error,
  );
}
