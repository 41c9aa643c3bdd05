import type { Environment } from 'aws-cdk-lib';
import { pathText } from './messages.ts';
import type { RotationSettings } from './schema.ts';

/** An ARN in rotation.json. */
interface GivenArn {
  /** Like `secrets[2].arn`. */
  readonly path: string;
  readonly service: string;
  /** Empty for IAM, which is everywhere. */
  readonly region: string;
  /** Twelve digits, or `aws` for what AWS owns. */
  readonly account: string;
}

/**
 * Where the stack goes: where the credentials lead, as the CDK has found out and says in
 * CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION. Without credentials it goes anywhere, or to the region
 * that the ARNs name.
 */
export function stackEnvironment(settings: RotationSettings): Environment {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  // Without credentials the CDK says a region all the same: us-east-1.
  if (account && region) {
    return { account, region };
  }
  const [first] = regionalArns(settings);
  return first === undefined ? {} : { region: first.region };
}

/**
 * What cannot be where it is, as problems with their paths. A secret, a topic and a key may be in
 * another account, but not in another region; a role may not.
 */
export function problemsOfPlace(settings: RotationSettings, target: Environment): string[] {
  const [first] = regionalArns(settings);
  return [
    ...regionalArns(settings)
      .filter(({ region }) => region !== target.region)
      .map(({ path, region }) =>
        target.account === undefined
          ? `${path} is in ${region}, and ${first?.path} in ${target.region}: all must be in one region`
          : `${path} is in ${region}, and the deployment goes to ${target.region}: both must be the same region. Set AWS_REGION=${region}, or choose another --profile`,
      ),
    ...(target.account === undefined ? [] : problemsOfAccount(settings, target.account)),
  ];
}

function problemsOfAccount(settings: RotationSettings, target: string): readonly string[] {
  const roles = arnsIn(settings).filter(
    ({ service, account }) => service === 'iam' && account !== 'aws' && account !== target,
  );
  // AWS's own key, aws/secretsmanager, serves its own account alone.
  const secrets = arnsIn(settings).filter(
    ({ path, service, account }) =>
      service === 'secretsmanager' && account !== target && !hasKey(settings, path),
  );
  return [
    ...roles.map(
      ({ path, account }) =>
        `${path} is in account ${account}, and the deployment goes to ${target}: both must be the same account`,
    ),
    ...secrets.map(({ path, account }) => {
      const key = path.replace(/arn$/, 'encryptionKeyArn');
      return `${path} is in account ${account}, and the deployment goes to ${target}: a secret of another account must have a KMS key of its own. Give it as ${key}, or choose another --profile`;
    }),
  ];
}

/** Whether the secret whose ARN is at a path has its KMS key beside it. */
function hasKey({ secrets, recoverySecret }: RotationSettings, path: string): boolean {
  const [, index] = /^secrets\[(\d+)\]/.exec(path) ?? [];
  const secret = index === undefined ? recoverySecret : secrets[Number(index)];
  return secret?.encryptionKeyArn !== undefined;
}

function regionalArns(settings: RotationSettings): readonly GivenArn[] {
  return arnsIn(settings).filter(({ region }) => region !== '');
}

/** Wherever they stand, in the order of the settings. */
function arnsIn(value: unknown, path: readonly PropertyKey[] = []): readonly GivenArn[] {
  if (typeof value === 'string') {
    const [arn, , service = '', region = '', account = ''] = value.split(':');
    return arn === 'arn' ? [{ path: pathText(path), service, region, account }] : [];
  }
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(Object(value));
  return members.flatMap(([key, member]) => arnsIn(member, [...path, key]));
}
