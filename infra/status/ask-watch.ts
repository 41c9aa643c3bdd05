import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { explainError, functionFailure } from './failures.ts';
import { type Report, readReport } from './report.ts';

/** A watch that can be invoked, on AWS or on this machine. */
export interface DeployedWatch extends AsyncDisposable {
  /** What is watched, for a person. */
  readonly title: string;
  readonly client: LambdaClient;
  readonly functionArn: string;
  /** Names or full ARNs, as the schedule gives them to the watch. */
  readonly secrets: readonly string[];
  /** Of the AWS CLI, if one was chosen. */
  readonly profile?: string | undefined;
}

/**
 * Invokes the watch, which sends nothing to the topic, and waits for its report: a quarter of an
 * hour at most.
 *
 * @throws {Error} with what to do
 */
export async function askWatch({
  client,
  functionArn,
  secrets,
  profile,
}: DeployedWatch): Promise<Report> {
  const command = new InvokeCommand({
    FunctionName: functionArn,
    Payload: JSON.stringify({ secrets, quiet: true }),
  });
  const { FunctionError, Payload } = await client.send(command).catch(async (error: unknown) => {
    const asked = { action: 'lambda:InvokeFunction', target: functionArn, profile };
    throw await explainError(error, asked);
  });
  const text = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined) {
    throw functionFailure(text, functionArn);
  }
  return readReport(text);
}
