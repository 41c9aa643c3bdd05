import { Annotations, Aspects, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { GitLabTokenRotationProps } from './props.ts';

/** What a rotation does with a secret. GetRandomPassword is not needed: GitLab makes the token. */
export const ROTATE_SECRET = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];
export const ROTATE_WITH_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** The role of the function, and what it may do: single actions on single resources. */
export class Permissions {
  readonly role: IRole;
  readonly #scope: Construct;
  readonly #keys = new Set<string>();
  /** Those that the role could not take. */
  readonly #missing: PolicyStatement[] = [];

  constructor(scope: Construct, { role, permissionsBoundary }: GitLabTokenRotationProps) {
    this.#scope = scope;
    // Without managed policies: those of AWS allow more than this function needs.
    this.role =
      role ??
      new Role(scope, 'Role', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        ...(permissionsBoundary && { permissionsBoundary }),
      });
    warnAtSynthesis(scope, 'role', () =>
      this.#missing.length === 0
        ? undefined
        : needs('The role cannot be changed from here: its policy', this.#missing),
    );
  }

  /** Whether the role takes statements, as far as it has shown. */
  get isMutable(): boolean {
    return this.#missing.length === 0;
  }

  allow(statement: PolicyStatement): void {
    if (!this.role.addToPrincipalPolicy(statement).statementAdded) {
      this.#missing.push(statement);
    }
  }

  /** A statement for each secret: CDK divides a policy that is too large between statements only. */
  allowRotation(secret: ISecret): void {
    this.allow(
      new PolicyStatement({ actions: ROTATE_SECRET, resources: [secretArnPattern(secret)] }),
    );
    this.#allowKey(secret, ROTATE_WITH_KEY);
  }

  /** Its value, and nothing else. */
  allowReading(secret: ISecret): void {
    const actions = ['secretsmanager:GetSecretValue'];
    this.allow(new PolicyStatement({ actions, resources: [secretArnPattern(secret)] }));
    this.#allowKey(secret, ['kms:Decrypt']);
  }

  /**
   * A statement for each key, only for secrets and through Secrets Manager: one for each secret would
   * need more policies than a role may have.
   */
  #allowKey({ encryptionKey: key, env }: ISecret, actions: string[]): void {
    if (key === undefined) {
      return;
    }
    const id = [key.keyArn, env.account, ...actions].join();
    if (!this.#keys.has(id)) {
      this.#keys.add(id);
      this.allow(useOfKey(this.#scope, key, { account: env.account, actions }));
    }
  }
}

function useOfKey(
  scope: Construct,
  key: IKey,
  { account, actions }: { account: string; actions: string[] },
): PolicyStatement {
  const { partition, region } = Stack.of(scope);
  // The name of the service in aws-cn is not documented.
  const services = ['amazonaws.com', 'amazonaws.com.cn'].map(
    (suffix) => `secretsmanager.${region}.${suffix}`,
  );
  const secrets = `arn:${partition}:secretsmanager:${region}:${account}:secret:*`;
  return new PolicyStatement({
    actions,
    resources: [key.keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': services },
      StringLike: { 'kms:EncryptionContext:SecretARN': secrets },
    },
  });
}

/** The secret's ARN, as policies must say it. */
export function secretArnPattern(secret: ISecret): string {
  // An ARN that was made of a name lacks the six random characters at its end.
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}

/** The statements that the owner of an imported resource must add. @param what begins the sentence */
export function needs(what: string, statements: readonly PolicyStatement[]): string {
  const json = statements.map((statement) => JSON.stringify(statement.toStatementJson()));
  return `${what} needs these statements:\n[${json.join(',\n')}]`;
}

export function warn(scope: Construct, topic: string, message: string): void {
  const text = Stack.of(scope).resolve(message);
  Annotations.of(scope).addWarningV2(`gitlab-token-rotation:${topic}`, readable(text));
}

/** Once all secrets are known. */
export function warnAtSynthesis(
  scope: Construct,
  topic: string,
  message: () => string | undefined,
): void {
  Aspects.of(scope).add({
    visit(node) {
      const text = node === scope ? message() : undefined;
      if (text !== undefined) {
        warn(scope, topic, text);
      }
    },
  });
}

/** What is not known at synthesis, as CloudFormation's `Fn::Sub` writes it. */
function readable(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = Object(value);
  if (Array.isArray(join)) {
    return join[1].map(readable).join(join[0]);
  }
  return `\${${Ref ?? attribute?.join('.') ?? '…'}}`;
}
