import { ArnFormat, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { parseRecoverySecretArn } from '../../../lambda/settings/variables.ts';
import type { RotatedSecret } from '../secret.ts';

/**
 * A recovery secret is read when a token was lost, perhaps years after the deployment: what would
 * fail then is to fail now.
 *
 * @throws {Error} when the function could not read it
 */
export function checkRecoverySecret(scope: Construct, recoverySecret: ISecret): void {
  const { secretFullArn: arn, secretName, env, encryptionKey } = recoverySecret;
  const { account, region } = Stack.of(scope);
  if (arn === undefined) {
    throw new Error(
      `recoverySecret ${JSON.stringify(secretName)} must be known by its full ARN: import it with Secret.fromSecretCompleteArn`,
    );
  }
  const parsed = Token.isUnresolved(arn) ? arn : parseRecoverySecretArn(arn);
  if (typeof parsed === 'object') {
    throw new Error(`recoverySecret ${JSON.stringify(arn)} ${parsed.problem}`);
  }
  if (isOther(env.region, region)) {
    throw new Error(
      `recoverySecret is in ${env.region}: it must be in the region of the function, ${region}`,
    );
  }
  // AWS's own key, aws/secretsmanager, serves its own account alone.
  if (isOther(env.account, account) && encryptionKey === undefined) {
    throw new Error(
      `recoverySecret is in account ${env.account}: it must be encrypted with a KMS key of its own, and be imported with it by Secret.fromSecretAttributes`,
    );
  }
}

/**
 * A secret that may be the same counts as the same: the account is not always known.
 *
 * @throws {Error} when the recovery secret is the `rotated` one
 */
export function checkOtherSecret(recoverySecret: ISecret, rotated: RotatedSecret): void {
  const { secretArn, stack, env } = recoverySecret;
  const { name, secret, account } = rotated;
  const { resourceName = '' } = stack.splitArn(secretArn, ArnFormat.COLON_RESOURCE_NAME);
  const arns = [recoverySecret.secretFullArn, secret.secretFullArn];
  const areKnown = arns.every((arn) => arn !== undefined && !Token.isUnresolved(arn));
  const isSame = areKnown
    ? arns[0] === arns[1]
    : resourceName.replace(/-[^-]{6}$/, '') === name && !isOther(env.account, account);
  if (isSame) {
    throw new Error(`addSecret ${JSON.stringify(name)}: recoverySecret must be another secret`);
  }
}

/** As far as it is known before the deployment. */
function isOther(one: string, another: string): boolean {
  return Token.compareStrings(one, another) === TokenComparison.DIFFERENT;
}
