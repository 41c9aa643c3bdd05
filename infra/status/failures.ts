import { accessProblem } from '../app/access.ts';

/** What was asked of AWS. */
export interface Asked {
  /** As policies name it. */
  readonly action: string;
  /** The function or the stack, as a person would name it. */
  readonly target: string;
  /** Of the AWS CLI, if one was chosen. */
  readonly profile: string | undefined;
}

/** An error of the SDK, in words that say what to do. Of its own words only the name is told. */
export async function explainError(error: unknown, asked: Asked): Promise<Error> {
  const problem = await accessProblem(error, { command: 'npm run status', ...asked });
  return new Error(problem ?? refusal(error instanceof Error ? error.name : 'an error', asked), {
    cause: error,
  });
}

/** @param name of the error of AWS */
function refusal(name: string, { action, target }: Asked): string {
  if (/^AccessDenied/.test(name)) {
    return `The credentials may not call ${action} on ${target}. Ask for this permission, or use another profile: npm run status -- --profile <name>`;
  }
  if (name === 'ResourceNotFoundException') {
    return `The watch ${target} was deleted, but not by CloudFormation, which does not notice. Remove the stack and deploy it again, as README.md says under "Update and remove". The secrets stay; until then none rotates`;
  }
  return `${action} on ${target} failed. AWS or the SDK says: ${name}`;
}

/** What Lambda answered in place of a report, in words that say what to do. */
export function functionFailure(text: string, functionArn: string): Error {
  const { errorType = '', errorMessage = '' } = failureIn(text);
  const said = errorMessage || errorType || 'no reason given';
  if (errorType === 'Function.ResponseSizeTooLarge') {
    return new Error(
      'The report is larger than 6 MB, the most that Lambda returns. Ask for some of the secrets at a time: npm run status -- <name> <name> ...',
    );
  }
  if (/Task timed out/.test(said)) {
    return new Error(
      `The watch reached its time-out before it could report (${said}). Ask for some of the secrets at a time: npm run status -- <name> <name> ... If that does not help, read its log:\n\n${logCommand(functionArn)}`,
    );
  }
  return new Error(
    `The watch failed: ${said}\nIf it begins with a code, look that up in lambda/alerts/runbook.md. The log of the watch says more:\n\n${logCommand(functionArn)}`,
  );
}

function failureIn(text: string): { readonly errorType?: string; readonly errorMessage?: string } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function logCommand(functionArn: string): string {
  const [, , , region] = functionArn.split(':');
  return `  aws logs tail "$(aws lambda get-function-configuration --function-name ${functionArn} --query LoggingConfig.LogGroup --output text --region ${region})" --since 1h --region ${region}\n`;
}
