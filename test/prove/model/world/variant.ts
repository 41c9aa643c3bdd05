import type { SetupName } from '../../../rig/stage/setups.ts';
import type { Name } from './names.ts';

/** In which world a sequence happens. */
export interface Variant {
  /** The rotator, and what its secrets and its function are given. */
  readonly setup: SetupName;
  /** `AWSPENDING` stays on the new version after a rotation. */
  readonly labelLingers: boolean;
  /** Events hold a RotationToken. */
  readonly rotationTokens: boolean;
  /** The secrets that hold nothing but their token. In plain text is no room for a standby. */
  readonly plainText: readonly Name[];
}

/** AWS as it mostly is, and secrets in JSON with one token. */
export const USUAL: Variant = {
  setup: 'one token',
  labelLingers: false,
  rotationTokens: true,
  plainText: [],
};
