import { Stack, Token } from 'aws-cdk-lib';
import {
  type IRole,
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledged.ts';
import type { GitLabTokenRotationProps } from './props.ts';
import type { RotatedSecret } from './secret.ts';
import { needs, readable, warnAtSynthesis } from './warnings.ts';

/** What a function does with a secret, and with its KMS key. */
export interface Duty {
  /** Gives a role of the user's. */
  readonly prop: 'role' | 'watchRole';
  /** In messages. */
  readonly roleName: string;
  readonly onSecret: string[];
  readonly onKey: string[];
}

/** GetRandomPassword is not needed: GitLab makes the token. */
export const ROTATION: Duty = {
  prop: 'role',
  roleName: 'role',
  onSecret: [
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:ListSecretVersionIds',
    'secretsmanager:PutSecretValue',
    'secretsmanager:UpdateSecretVersionStage',
  ],
  onKey: ['kms:Decrypt', 'kms:GenerateDataKey'],
};
/** It reads, and writes nothing. */
export const WATCH: Duty = {
  prop: 'watchRole',
  roleName: 'role of the watch',
  onSecret: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
  onKey: ['kms:Decrypt'],
};

/** What it takes to publish to an encrypted topic, on its key. `grantPublish` asks for more, with a wildcard. */
export const PUBLISH_WITH_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * Of the ARNs in a statement. CDK divides a policy that is too large, between statements only: so not
 * one for all. Without its flag `minimizePolicies` it joins none: so not one for each.
 */
const STATEMENT_CHARACTERS = 1500;
/** Of an ARN, without the name of a secret. */
const ARN_CHARACTERS = 80;
/** Of all inline policies of a role, without white space: 240 of IAM's 10,240 are left for a VPC. */
const INLINE_CHARACTERS = 10_000;
/** Of a role, with the largest quota. Without an increase it is 10, of which CDK warns. */
const MANAGED_POLICIES = 20;

/** The role of a function, and what it may do: single actions on single resources. */
export class Permissions {
  readonly role: IRole;
  readonly #scope: Construct;
  readonly #duty: Duty;
  readonly #keys = new Set<string>();
  readonly #statements: PolicyStatement[] = [];
  /** Of all statements that allow the same, the last, and what it has room for. */
  readonly #last = new Map<string, { statement: PolicyStatement; charactersLeft: number }>();
  /** Those that the role could not take. */
  readonly #missing: PolicyStatement[] = [];

  constructor(scope: Construct, duty: Duty, props: GitLabTokenRotationProps) {
    this.#scope = scope;
    this.#duty = duty;
    const { prop, roleName } = duty;
    this.role = props[prop] ?? createRole(scope, props);
    warnAtSynthesis(scope, prop, () =>
      this.#missing.length === 0
        ? undefined
        : needs(`The ${roleName} cannot be changed from here: its policy`, this.#missing),
    );
  }

  /** Whether the role takes statements, as far as it has shown. */
  get isMutable(): boolean {
    return this.#missing.length === 0;
  }

  allow(statement: PolicyStatement): void {
    this.#statements.push(statement);
    const { policyDependable } = this.role.addToPrincipalPolicy(statement);
    if (Role.isRole(this.role)) {
      return;
    }
    if (!Construct.isConstruct(policyDependable)) {
      // An imported role that ignores statements says that it has added them, but has no policy for them.
      this.#missing.push(statement);
    } else if (this.#statements.length === 1) {
      acknowledge(policyDependable, 'IAMNoInlinePolicy');
    }
  }

  /** All that the function does with a secret that is rotated. */
  allowUse({ secret, name, account }: RotatedSecret): void {
    const arn = secretArnPattern(secret);
    const characters = Token.isUnresolved(arn) ? name.length + ARN_CHARACTERS : arn.length;
    const { onSecret, onKey } = this.#duty;
    const create = () => new PolicyStatement({ actions: onSecret });
    this.#allowOn(arn, characters, onSecret.join(), create);
    this.#allowKey(secret.encryptionKey, { account, actions: onKey });
  }

  /** Its value, and nothing else. */
  allowReading(secret: ISecret): void {
    const actions = ['secretsmanager:GetSecretValue'];
    this.allow(new PolicyStatement({ actions, resources: [secretArnPattern(secret)] }));
    this.#allowKey(secret.encryptionKey, { account: secret.env.account, actions: ['kms:Decrypt'] });
  }

  allowPublishing({ topicArn, masterKey }: ITopic): void {
    this.allow(new PolicyStatement({ actions: ['sns:Publish'], resources: [topicArn] }));
    if (masterKey) {
      const resources = [masterKey.keyArn];
      this.allow(new PolicyStatement({ actions: PUBLISH_WITH_KEY, resources }));
    }
  }

  allowLogging({ logGroupArn }: ILogGroup): void {
    const actions = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    this.allow(new PolicyStatement({ actions, resources: [logGroupArn] }));
  }

  /**
   * Only for secrets and through Secrets Manager. A key is named once: a statement for each secret
   * would need more policies than a role may have.
   */
  #allowKey(key: IKey | undefined, use: KeyUse): void {
    const allowed = [use.account, ...use.actions].join();
    const id = key && `${key.keyArn},${allowed}`;
    if (key && id && !this.#keys.has(id)) {
      this.#keys.add(id);
      this.#allowOn(key.keyArn, ARN_CHARACTERS, allowed, () => useOfKey(this.#scope, use));
    }
  }

  /** One more resource for the last statement that allows the same, or for a new one. */
  #allowOn(arn: string, characters: number, allowed: string, create: () => PolicyStatement): void {
    const last = this.#last.get(allowed);
    if (last && last.charactersLeft >= characters) {
      last.statement.addResources(arn);
      last.charactersLeft -= characters;
      return;
    }
    const statement = create();
    statement.addResources(arn);
    this.#last.set(allowed, { statement, charactersLeft: STATEMENT_CHARACTERS - characters });
    this.allow(statement);
  }

  /** What IAM would refuse, once all secrets are known. */
  sizeProblems(): string[] {
    const { prop, roleName } = this.#duty;
    if (Role.isRole(this.role)) {
      return policyProblems(this.role, roleName);
    }
    const characters = this.#characters();
    return !this.isMutable || characters <= INLINE_CHARACTERS
      ? []
      : [
          `${prop}: the permissions for all secrets have about ${characters} characters, and an imported role has room for ${INLINE_CHARACTERS}. Leave ${prop} out (permissionsBoundary limits the new role), divide the secrets among several constructs and roles, or import the role with mutable: false and attach the policies that a warning then prints`,
        ];
  }

  /** Of all statements. */
  #characters(): number {
    const statements = this.#statements.map((each) => JSON.stringify(each.toStatementJson()));
    const text = readable(Stack.of(this.#scope).resolve(statements.join()));
    // What is not known: partition, region and account; and ARNs.
    return text.replace(/\$\{AWS::\w+\}/g, 'x'.repeat(12)).replace(/\$\{[^}]+\}/g, 'x'.repeat(100))
      .length;
  }
}

/** CDK divides the policies of a role of the app, and only warns of too many. */
function policyProblems(role: IRole, roleName: string): string[] {
  const policies = role.node.children.filter((each) => each instanceof ManagedPolicy).length;
  return policies <= MANAGED_POLICIES
    ? []
    : [
        `addSecret: the ${roleName} needs ${policies} managed policies for all secrets and keys, and IAM allows ${MANAGED_POLICIES}. Divide the secrets among several constructs, or encrypt them with fewer keys`,
      ];
}

/** Without managed policies: those of AWS allow more than a function needs. */
function createRole(scope: Construct, { permissionsBoundary }: GitLabTokenRotationProps): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    ...(permissionsBoundary && { permissionsBoundary }),
  });
  acknowledge(role, 'IAMNoInlinePolicy');
  return role;
}

/** Of which account are the secrets, and what is done with the key. */
interface KeyUse {
  readonly account: string;
  readonly actions: string[];
}

/** Without the key. */
function useOfKey(scope: Construct, { account, actions }: KeyUse): PolicyStatement {
  const { partition, region } = Stack.of(scope);
  // The name of the service in aws-cn is not documented.
  const services = ['amazonaws.com', 'amazonaws.com.cn'].map(
    (suffix) => `secretsmanager.${region}.${suffix}`,
  );
  const secrets = `arn:${partition}:secretsmanager:${region}:${account}:secret:*`;
  return new PolicyStatement({
    actions,
    conditions: {
      StringEquals: { 'kms:ViaService': services },
      StringLike: { 'kms:EncryptionContext:SecretARN': secrets },
    },
  });
}

/** The secret's ARN, as policies must say it. */
function secretArnPattern(secret: ISecret): string {
  // An ARN that was made of a name lacks the six random characters at its end.
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}
