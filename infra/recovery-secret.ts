import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** The function's own pattern (lambda/ports/secret-ids.ts): it reads this secret by its whole ARN. */
const SECRET_ARN =
  /^arn:aws(?:-[a-z]+)*:secretsmanager:([a-z0-9-]{1,32}):\d{12}:secret:([\w/+=.@!-]{1,512})-[A-Za-z0-9]{6}$/;

/** @throws {Error} unless it is the full ARN of a secret */
export function checkRecoverySecretArn(recoverySecretArn: string): void {
  if (!Token.isUnresolved(recoverySecretArn) && !SECRET_ARN.test(recoverySecretArn)) {
    throw new Error(
      `recoverySecretArn must be the full ARN of a secret, with six characters at its end (arn:aws:secretsmanager:…:secret:…-AbCdEf), got ${JSON.stringify(recoverySecretArn)}`,
    );
  }
}

/**
 * A recovery secret is read when a token was lost, perhaps years after the
 * deployment: what would fail then is to fail now.
 *
 * @throws {Error} when the function could not read it, and when it is the `rotated` secret
 */
export function checkRecoverySecret(
  scope: Construct,
  recoverySecret: ISecret,
  rotated: ISecret,
): void {
  const arn = recoverySecret.secretFullArn;
  if (arn === undefined) {
    throw new Error(
      `recoverySecret must be known by its full ARN, with six characters at its end: import it with Secret.fromSecretCompleteArn, got ${JSON.stringify(recoverySecret.secretName)}`,
    );
  }
  checkRecoverySecretArn(arn);
  if (mayBeSame(arn, recoverySecret, rotated)) {
    throw sameSecret();
  }
  checkWhereabouts(Stack.of(scope), recoverySecret);
}

/**
 * The same for a secret that `scope` creates: its ARN is not known before the
 * deployment, and then it may be the one that was given.
 *
 * @throws {Error} when the recovery secret has its name
 */
export function checkOtherName(scope: Construct, recoverySecret: ISecret, created: string): void {
  const isElsewhere = isOther(recoverySecret.env.account, Stack.of(scope).account);
  if (nameIn(recoverySecret.secretArn) === created && !isElsewhere) {
    throw sameSecret();
  }
}

function sameSecret(): Error {
  return new Error('recoverySecret must be another secret than the one that is rotated');
}

/** A rotated secret that is known by its name alone counts as the same wherever that cannot be ruled out. */
function mayBeSame(arn: string, { env }: ISecret, rotated: ISecret): boolean {
  if (rotated.secretFullArn !== undefined) {
    return arn === rotated.secretFullArn;
  }
  const rotatedName = rotated.secretArn.split(':').at(-1);
  return nameIn(arn) === rotatedName && !isOther(env.account, rotated.env.account);
}

/** The name in a full ARN. */
function nameIn(arn: string): string | undefined {
  return arn
    .replace(/-[^-]{6}$/, '')
    .split(':')
    .at(-1);
}

function checkWhereabouts({ account, region }: Stack, { env, encryptionKey }: ISecret): void {
  if (isOther(env.region, region)) {
    throw new Error(
      `recoverySecret must be in the region of the function, ${region}, got ${env.region}`,
    );
  }
  // AWS's own key, aws/secretsmanager, serves its own account alone.
  if (isOther(env.account, account) && encryptionKey === undefined) {
    throw new Error(
      `recoverySecret of another account must be encrypted with a KMS key of its own, and be imported with it by Secret.fromSecretAttributes, got one of ${env.account} without`,
    );
  }
}

/** As far as it is known before the deployment. */
function isOther(one: string, another: string): boolean {
  return Token.compareStrings(one, another) === TokenComparison.DIFFERENT;
}
