import { type Advice, adviseOn } from '../../../lambda/alerts/advice.ts';
import type { About } from '../../../lambda/alerts/runbook-values.ts';
import {
  type Details,
  type FailureCode,
  NOTICES,
  type NoticeCode,
  RISKS,
  type Risk,
  RotationError,
  riskAt,
  STEPS,
  type Step,
} from '../../../lambda/failure.ts';

/** What an invocation knows, and the commands that must follow from it. */
export const ARN = arnOf('prod/app/gitlab');
export const VERSION = '11111111-aaaa-4aaa-8aaa-111111111111';
export const CURRENT = '22222222-bbbb-4bbb-8bbb-222222222222';
export const IDS = {
  secretId: ARN,
  versionId: VERSION,
  requestId: '33333333-cccc-4ccc-8ccc-333333333333',
  functionName: 'rotate-gitlab',
  region: 'eu-central-1',
};
export const SECRET = `--secret-id ${ARN}`;
export const PROMOTE = `aws secretsmanager update-secret-version-stage ${SECRET} --version-stage AWSCURRENT --move-to-version-id ${VERSION}`;
export const DROP = `aws secretsmanager update-secret-version-stage ${SECRET} --version-stage AWSPENDING --remove-from-version-id ${VERSION} --region eu-central-1`;
export const ROTATE = `aws secretsmanager rotate-secret ${SECRET} --region eu-central-1`;
export const FIND_CURRENT = `CURRENT_VERSION_ID=$(aws secretsmanager list-secret-version-ids ${SECRET} --query "Versions[?contains(VersionStages, 'AWSCURRENT')].VersionId" --output text --region eu-central-1)`;
export const LABELS = `aws secretsmanager describe-secret ${SECRET} --query VersionIdsToStages --region eu-central-1`;
export const HAS_VALUE = `aws secretsmanager get-secret-value ${SECRET} --version-id ${VERSION} --query VersionId --output text --region eu-central-1`;
/** In place of whichever version is current by then. */
export const FIND_NOW = FIND_CURRENT.replace('CURRENT_VERSION_ID', 'CURRENT_NOW');

/** Everything that can be told, and everywhere. */
export const FAILURE_CODES = Object.keys(RISKS) as FailureCode[];
export const CODES: readonly (FailureCode | NoticeCode)[] = [...FAILURE_CODES, ...NOTICES];
const EVERY_STEP: readonly (Step | undefined)[] = [undefined, ...STEPS];
export const CASES = CODES.flatMap((code) => EVERY_STEP.map((step) => ({ code, step })));

/** The ARN of the secret with this name. */
export function arnOf(name: string): string {
  return `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`;
}

/** The risk that a step gives a failure, or states; a notice has none. */
export function riskOf(code: About['code'], step: Step | undefined, details: Details): Risk {
  const failure = FAILURE_CODES.find((each) => each === code);
  return failure === undefined
    ? 'none'
    : riskAt(step, new RotationError(failure, 'reason', { details }));
}

/** Advice as the alert asks for it. */
export function advise(
  code: FailureCode | NoticeCode,
  step: Step | undefined = 'createSecret',
  details: Details = {},
  ids: Omit<About, 'code' | 'details' | 'step'> = IDS,
): Advice {
  const about = { ...ids, code, details, ...(step !== undefined && { step }) };
  return adviseOn(about, riskOf(code, step, details));
}

/** Whether it is told as a notice. */
export function isNotice(code: FailureCode | NoticeCode): code is NoticeCode {
  return NOTICES.some((notice) => notice === code);
}

/** All commands, in order. */
export function commandsOf({ todo }: Advice): readonly string[] {
  return todo.flatMap(({ commands }) => commands);
}

/** All sentences, in order. */
export function textOf({ happened, affected, todo }: Advice): string {
  return [happened, affected, ...todo.map(({ text }) => text)].join('\n');
}
