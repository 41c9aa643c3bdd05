import type { ExternalRotation } from '../state/schedule.ts';
import { AWSCURRENT, AWSPENDING, holderOf, type Versioned, versionOf } from '../state/versions.ts';

/** The steps in their order, as the event names them. */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
/** One of the four. */
export type Step = (typeof STEPS)[number];

/** One rotation of one secret, through all its attempts, or one test run. */
export interface RotationRun {
  readonly arn: string;
  /** The ClientRequestToken in every event. */
  readonly versionId: string;
  /** `test`: testSecret alone, on a copy of the current value. */
  readonly kind: 'rotation' | 'test';
  /** The function; in its place the role, where AWS itself rotates. */
  readonly lambdaArn: string;
  /** How AWS itself rotates the secret. */
  readonly external: ExternalRotation | undefined;
  /** The RotationTokens that were handed out; sensitive. */
  readonly issued: Set<string>;
  /** What the secret had when the run began. */
  readonly knownVersions: ReadonlySet<string>;
  readonly currentVersion: string | undefined;
  cancelled: boolean;
}

/** How a run ended. */
export interface RotationOutcome {
  /** `stopped`: the server was shut down meanwhile. */
  readonly kind: 'succeeded' | 'failed' | 'abandoned' | 'cancelled' | 'stopped';
  readonly run: 'rotation' | 'test';
  readonly versionId: string;
  readonly attempts: number;
  /** As in CloudTrail; names the step, not the cause. */
  readonly errorMessage?: string;
}

/** What happens in a run, as it happens. */
export type RotationProgress = RunEvent & {
  readonly secretArn: string;
  readonly versionId: string;
  readonly run: 'rotation' | 'test';
  /** From 1. */
  readonly attempt: number;
  readonly at: Date;
};

/** What happened; of a failed step also what the function said of it. */
export type RunEvent =
  | { readonly what: 'step-started'; readonly step: Step }
  | { readonly what: 'step-succeeded'; readonly step: Step; readonly durationMs: number }
  | {
      readonly what: 'step-failed';
      readonly step: Step;
      readonly durationMs: number;
      /** As the function threw it. */
      readonly errorType: string;
      readonly errorMessage: string;
    }
  | { readonly what: 'retry-planned'; readonly delayMs: number }
  | { readonly what: 'ended'; readonly outcome: RotationOutcome };

/** What became of one attempt. */
export interface AttemptEnd {
  readonly kind: RotationOutcome['kind'];
  readonly errorMessage?: string;
  /** The cause does not go away by trying again. */
  readonly final?: boolean;
}

/**
 * What others did to the secret that ends the run, if anything.
 *
 * That AWS abandons a rotation in which a new version is created is documented (Secrets Manager
 * User Guide, cloudtrail_log_entries); the exact conditions are not.
 */
export function interference(run: RotationRun, secret: Versioned): AttemptEnd | undefined {
  if (run.kind === 'test') {
    return undefined;
  }
  const { versionId, lambdaArn } = run;
  if (versionOf(secret, versionId)?.value && versionOf(secret, versionId)?.origin !== 'rotation') {
    const errorMessage = `Pending secret version ${versionId} for Secret ${run.arn} was not created by Lambda ${lambdaArn}. Remove the AWSPENDING staging label and restart rotation`;
    return { kind: 'failed', errorMessage, final: true };
  }
  const current = holderOf(secret, AWSCURRENT)?.versionId;
  const pending = holderOf(secret, AWSPENDING)?.versionId;
  const isAnotherCurrent = current !== versionId && current !== run.currentVersion;
  const isLabelLost = current !== versionId && pending !== versionId;
  const isVersionAdded = secret.versions.some(
    (version) => version.versionId !== versionId && !run.knownVersions.has(version.versionId),
  );
  return isAnotherCurrent || isLabelLost || isVersionAdded ? { kind: 'abandoned' } : undefined;
}
