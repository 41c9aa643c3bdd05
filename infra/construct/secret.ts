import { ArnFormat, RemovalPolicy, Stack, Stage, Token, TokenComparison } from 'aws-cdk-lib';
import { AccountRootPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret, ResourcePolicy, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge } from './acknowledged.ts';
import type { RotatedSecretProps } from './props.ts';

/** A secret that is rotated. */
export interface RotatedSecret {
  /** The plain name, without the six characters at the end of an ARN. */
  readonly name: string;
  readonly secret: ISecret;
  /** The resource, if this construct creates the secret. */
  readonly created?: CfnSecret;
  readonly account: string;
  /** Whether it is known to be in another account than the function. */
  readonly isForeign: boolean;
  /** Below it is everything of this secret; its id comes from the name. */
  readonly scope: Construct;
}

const SECRET_NAME = /^[\w/+=.@!-]{1,512}$/;

/**
 * Finds the secret, or creates it.
 *
 * @param scope has a child for each secret
 * @throws {Error} if it is not clear which secret is meant, or if one is meant twice
 */
export function rotatedSecret(scope: Construct, props: RotatedSecretProps): RotatedSecret {
  const name = nameOf(props);
  if (scope.node.tryFindChild(idOf(name))) {
    throw new Error(
      `addSecret: the secret ${JSON.stringify(name)} is added already: a construct tells its secrets by their names`,
    );
  }
  const own = new Construct(scope, idOf(name));
  const created = props.create ? createSecret(own, name, props.encryptionKey) : undefined;
  const secret = props.secret ?? importSecret(own, name, created, props.encryptionKey);
  const { account: ownAccount, region } = Stack.of(scope);
  if (Token.compareStrings(secret.env.region, region) === TokenComparison.DIFFERENT) {
    throw new Error(
      `addSecret: the secret ${JSON.stringify(name)} is in ${secret.env.region}: it must be in the region of the function, ${region}`,
    );
  }
  const isForeign =
    Token.compareStrings(secret.env.account, ownAccount) === TokenComparison.DIFFERENT;
  const account = isForeign ? secret.env.account : ownAccount;
  // AWS's own key, aws/secretsmanager, serves its own account alone.
  if (isForeign && secret.encryptionKey === undefined) {
    throw new Error(
      `addSecret: the secret ${JSON.stringify(name)} is in account ${account}: it must be encrypted with a KMS key of its own, and be imported with it by Secret.fromSecretAttributes`,
    );
  }
  claim(own, account, name);
  return { name, secret, ...(created && { created }), account, isForeign, scope: own };
}

function nameOf({ secretName, secret, create, encryptionKey }: RotatedSecretProps): string {
  if ((secretName === undefined) === (secret === undefined)) {
    throw new Error('addSecret: give either secretName or secret');
  }
  if (secret && (create !== undefined || encryptionKey)) {
    const prop = encryptionKey ? 'encryptionKey' : 'create';
    throw new Error(
      `addSecret: ${prop} goes with secretName; import a secret with its key by Secret.fromSecretAttributes`,
    );
  }
  const name = secret ? nameOfSecret(secret) : secretName;
  if (name === undefined || Token.isUnresolved(name)) {
    throw new Error(
      'addSecret: the name of the secret must be known at synthesis: create it with a secretName',
    );
  }
  if (!SECRET_NAME.test(name)) {
    throw new Error(
      `addSecret: secretName ${JSON.stringify(name)} must be 1 to 512 letters, digits and /_+=.@!-, and not an ARN`,
    );
  }
  if (/-[A-Za-z0-9]{6}$/.test(name) && secret?.secretFullArn === undefined) {
    throw new Error(
      `addSecret: secretName ${JSON.stringify(name)} ends in a hyphen and six characters, so that AWS takes an ARN without its last six characters for a full one: import the secret by its full ARN (Secret.fromSecretCompleteArn), or choose another name`,
    );
  }
  return name;
}

/** `ISecret.secretName` is wrong for a partial ARN that ends like a full one, and unknown for a new secret. */
function nameOfSecret({ node, secretArn, secretFullArn, stack }: ISecret): string | undefined {
  if (CfnSecret.isCfnSecret(node.defaultChild)) {
    return node.defaultChild.name;
  }
  const { resourceName = '' } = stack.splitArn(secretArn, ArnFormat.COLON_RESOURCE_NAME);
  return secretFullArn === undefined ? resourceName : resourceName.replace(/-[^-]{6}$/, '');
}

/** One to one, and without the slash that separates ids in a path. */
function idOf(name: string): string {
  return encodeURIComponent(name);
}

function importSecret(
  scope: Construct,
  name: string,
  created: CfnSecret | undefined,
  encryptionKey: IKey | undefined,
): ISecret {
  const byName = {
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  };
  const secret = Secret.fromSecretAttributes(scope, created ? 'Created' : 'Imported', {
    ...(created
      ? { secretCompleteArn: created.ref }
      : { secretPartialArn: Stack.of(scope).formatArn(byName) }),
    ...(encryptionKey && { encryptionKey }),
  });
  if (created) {
    denyDeletion(scope, secret);
  }
  return secret;
}

/**
 * A secret without a value: whatever value a template holds, CloudFormation would write over the
 * rotated one. So no `Secret`, which generates one.
 */
function createSecret(scope: Construct, name: string, encryptionKey?: IKey): CfnSecret {
  const created = new CfnSecret(scope, 'Secret', {
    name,
    description:
      'A GitLab token that rotates itself. While it is rotated, its policy denies DeleteSecret to everybody',
    ...(encryptionKey && { kmsKeyId: encryptionKey.keyArn }),
  });
  // It outlives the stack, for the only copy of the token is in it; but not a first deployment that
  // fails, after which it is still empty.
  created.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  acknowledge(created, 'SMG4', 'SecretsManagerRotationEnabled', 'SecretsManagerUsingKMSKey');
  return created;
}

/**
 * What `secret.denyAccountRootDelete()` does, which an imported secret ignores: while it is rotated,
 * nobody of this account deletes it.
 */
function denyDeletion(scope: Construct, secret: ISecret): void {
  new ResourcePolicy(scope, 'Policy', { secret }).document.addStatements(
    new PolicyStatement({
      effect: Effect.DENY,
      principals: [new AccountRootPrincipal()],
      actions: ['secretsmanager:DeleteSecret'],
      resources: ['*'],
    }),
  );
}

/** Of each stage: which secret is rotated, and by what. */
const claims = new WeakMap<IConstruct, Map<string, string>>();

/** Two stacks whose account or region is not known may go to different ones. */
function claim(scope: Construct, account: string, name: string): void {
  const stack = Stack.of(scope);
  const stage = Stage.of(scope) ?? scope.node.root;
  const place = [account, stack.region].some((each) => Token.isUnresolved(each))
    ? stack.node.path
    : `${account} ${stack.region}`;
  const claimed = claims.get(stage) ?? new Map<string, string>();
  const other = claimed.get(`${place} ${name}`);
  if (other !== undefined) {
    throw new Error(
      `addSecret: the secret ${JSON.stringify(name)} is rotated already by ${other}: a secret has one rotation`,
    );
  }
  claims.set(stage, claimed.set(`${place} ${name}`, scope.node.scope?.node.scope?.node.path ?? ''));
}
