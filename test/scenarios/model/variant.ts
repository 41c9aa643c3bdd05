import type { Name } from './world.ts';

/** In which world a sequence happens. */
export interface Variant {
  /** `AWSPENDING` stays on the new version after a rotation. */
  readonly labelLingers: boolean;
  /** Events hold a RotationToken. */
  readonly rotationTokens: boolean;
  /** The secrets that hold nothing but their token. */
  readonly plainText: readonly Name[];
}

/** AWS as it mostly is, and secrets in JSON. */
export const USUAL: Variant = { labelLingers: false, rotationTokens: true, plainText: [] };
