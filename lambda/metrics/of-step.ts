import type { NoticeCode, RotationError, Step } from '../failure.ts';
import type { Measured } from './embedded-format.ts';

/** What came of one invocation by Secrets Manager. */
export interface StepResult {
  readonly functionName: string;
  /** Absent in a wrong event. */
  readonly step: Step | undefined;
  readonly durationMs: number;
  readonly notices: readonly NoticeCode[];
  /** Absent after a success. */
  readonly failure: RotationError | undefined;
}

/** One line for each invocation. A dry run is no rotation. */
export function measureStep(result: StepResult): Measured {
  const { functionName, step, durationMs, notices, failure } = result;
  const isDryRun = failure?.details['dryRun'] === true;
  return {
    dimensions: {
      FunctionName: functionName,
      ...(step && { Step: step }),
      ...(failure && { Code: failure.code }),
    },
    values: {
      ...(step && { StepDuration: durationMs }),
      ...(step === 'finishSecret' && !failure && { RotationsSucceeded: 1 }),
      ...(step && failure && !isDryRun && { RotationsFailed: 1 }),
      ...(notices.includes('HEALED') && { RotationsHealed: 1 }),
      ...(failure && { Failures: 1 }),
    },
  };
}
