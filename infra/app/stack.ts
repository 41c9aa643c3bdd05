import { resolve } from 'node:path';
import { CfnOutput, Stack, TimeZone, Token } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IRole, ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { GitLabTokenRotation } from '../construct/gitlab-token-rotation.ts';
import type { GitLabTokenRotationProps, RotatedSecretProps } from '../construct/props.ts';
import { ROOT, settingsError } from './rotation-file.ts';
import { constructProblems, problemsOfSecret } from './settings/construct-problem.ts';
import { problemsOfPlace, stackEnvironment } from './settings/environment.ts';
import { problemsOfLimits } from './settings/limits.ts';
import { rotationOptions } from './settings/rules.ts';
import { type RotationSettings, STACK_NAME } from './settings/schema.ts';
import type { SecretSettings } from './settings/secret.ts';

type VpcSettings = NonNullable<RotationSettings['vpc']>;

/** What rotation.json says, in objects of the CDK. */
export class GitLabTokenRotationStack extends Stack {
  readonly #keys = new Map<string, IKey>();

  /** @throws {Error} with each setting that cannot work, by its path in rotation.json */
  constructor(scope: Construct, settings: RotationSettings) {
    const env = stackEnvironment(settings);
    super(scope, STACK_NAME, {
      description: 'Rotates GitLab tokens in AWS Secrets Manager',
      ...given({ stackName: settings.stackName }),
      env,
    });
    const problems = problemsOfPlace(settings, env);
    if (problems.length > 0) {
      throw settingsError(problems, settings);
    }
    const attempt = <T>(create: () => T, read: (error: unknown) => readonly string[]) => {
      try {
        return create();
      } catch (error) {
        problems.push(...read(error));
        return undefined;
      }
    };
    const rotation = attempt(
      () => new GitLabTokenRotation(this, 'GitLab', this.#rotationProps(settings)),
      (error) => constructProblems(error).map(({ key, rest }) => `${key}${rest}`),
    );
    for (const [index, secret] of rotation ? settings.secrets.entries() : []) {
      attempt(
        () => rotation?.addSecret(this.#secretProps(secret)),
        (error) => problemsOfSecret(`secrets[${index}]`, error),
      );
    }
    if (rotation === undefined || problems.length > 0) {
      throw settingsError(problems, settings);
    }
    this.#checkLimits(rotation, settings);
    new CfnOutput(this, 'FailureTopicArn', { value: rotation.failureTopic.topicArn });
    new CfnOutput(this, 'FunctionArn', { value: rotation.function.functionArn });
    new CfnOutput(this, 'WatchFunctionArn', { value: rotation.watchFunction.functionArn });
    new CfnOutput(this, 'RoleArn', { value: rotation.role.roleArn });
    new CfnOutput(this, 'LogGroupName', { value: rotation.logGroup.logGroupName });
  }

  /** At synthesis. Problems are thrown: CDK would put its own words and the path of the construct before them. */
  #checkLimits(rotation: GitLabTokenRotation, settings: RotationSettings): void {
    const validate = () => {
      const problems = problemsOfLimits(rotation);
      if (problems.length > 0) {
        throw settingsError(problems, settings);
      }
      return [];
    };
    this.node.addValidation({ validate });
  }

  #rotationProps(settings: RotationSettings): GitLabTokenRotationProps {
    const { gitlabUrl, alertEmails, failureTopic, recoverySecret, certificateAuthority } = settings;
    const { httpsProxy, noProxy, memorySize, permissionsBoundaryArn } = settings;
    const { watchTime, watchTimeZone, weeklyReport, dashboard } = settings;
    return {
      gitlabUrl,
      ...rotationOptions(settings),
      ...this.#network(settings.vpc),
      ...given({
        alertEmails,
        failureTopic: failureTopic && this.#topic(failureTopic),
        recoverySecret:
          recoverySecret &&
          this.#secret('RecoverySecret', recoverySecret.arn, recoverySecret.encryptionKeyArn),
        logRetention: settings.logRetentionDays,
        logEncryptionKey: this.#key(settings.logEncryptionKeyArn),
        environmentEncryptionKey: this.#key(settings.environmentEncryptionKeyArn),
        certificateAuthority: certificateAuthority && resolve(ROOT, certificateAuthority),
        httpsProxy,
        noProxy,
        memorySize,
        watchTime,
        watchTimeZone: watchTimeZone === undefined ? undefined : TimeZone.of(watchTimeZone),
        weeklyReport,
        dashboard,
        role: this.#role('Role', settings.roleArn),
        watchRole: this.#role('WatchRole', settings.watchRoleArn),
        permissionsBoundary:
          permissionsBoundaryArn === undefined
            ? undefined
            : ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', permissionsBoundaryArn),
      }),
    };
  }

  #secretProps(settings: SecretSettings): RotatedSecretProps {
    const { name, arn, create, encryptionKeyArn } = settings;
    return {
      ...rotationOptions(settings),
      ...(arn === undefined
        ? given({ secretName: name, create, encryptionKey: this.#key(encryptionKeyArn) })
        : { secret: this.#secret(`Secret ${arn}`, arn, encryptionKeyArn) }),
    };
  }

  #secret(id: string, secretCompleteArn: string, encryptionKeyArn: string | undefined): ISecret {
    const encryptionKey = this.#key(encryptionKeyArn);
    const attributes = { secretCompleteArn, ...given({ encryptionKey }) };
    return Secret.fromSecretAttributes(this, id, attributes);
  }

  #role(id: string, arn: string | undefined): IRole | undefined {
    return arn === undefined ? undefined : Role.fromRoleArn(this, id, arn);
  }

  #topic({ arn, encryptionKeyArn }: NonNullable<RotationSettings['failureTopic']>) {
    const attributes = { topicArn: arn, ...given({ keyArn: encryptionKeyArn }) };
    return Topic.fromTopicAttributes(this, 'Topic', attributes);
  }

  /** One object for each key, however many secrets it encrypts. */
  #key(arn: string | undefined): IKey | undefined {
    if (arn === undefined) {
      return undefined;
    }
    const key = this.#keys.get(arn) ?? Key.fromKeyArn(this, `Key ${arn}`, arn);
    this.#keys.set(arn, key);
    return key;
  }

  #network(settings: VpcSettings | undefined) {
    if (settings === undefined) {
      return {};
    }
    const { id, subnetIds, securityGroupIds } = settings;
    if (Token.isUnresolved(this.account)) {
      throw new Error(
        'vpc needs AWS credentials, to look up its subnets. Log in until this works: aws sts get-caller-identity',
      );
    }
    const vpc = Vpc.fromLookup(this, 'Vpc', { vpcId: id });
    // The lookup has no other result than an annotation in CDK's words.
    const failure = this.node.metadata.find(({ type }) => type === 'aws:cdk:error');
    if (failure) {
      const [reason = ''] = String(failure.data).split(' matching {');
      const problem = reason.startsWith('Could not find')
        ? `must be a VPC of ${this.account} in ${this.region}`
        : `cannot be looked up in ${this.account}, ${this.region}`;
      throw new Error(`vpc.id ${problem}, got "${id}". The lookup says: ${reason}`);
    }
    return {
      vpc,
      ...given({
        vpcSubnets: subnetIds && { subnets: subnetsOf(vpc, settings) },
        securityGroups: securityGroupIds?.map((groupId) =>
          SecurityGroup.fromSecurityGroupId(this, `Group ${groupId}`, groupId, { mutable: false }),
        ),
      }),
    };
  }
}

/** @throws {Error} if one is not in the VPC, or is public: there a function gets no way out */
function subnetsOf(vpc: IVpc, { id, subnetIds = [] }: VpcSettings): ISubnet[] {
  const usable = [...vpc.privateSubnets, ...vpc.isolatedSubnets];
  // Until the lookup, the CDK has another VPC in its place.
  if (vpc.vpcId !== id) {
    return usable;
  }
  return subnetIds.map((subnetId, index) => {
    const subnet = usable.find((each) => each.subnetId === subnetId);
    if (subnet === undefined) {
      const allowed = usable.map((each) => each.subnetId).join(', ');
      throw new Error(
        `vpc.subnetIds[${index}] must be a subnet of ${id} that is not public: one of ${allowed}, got "${subnetId}". If it is new, delete cdk.context.json, which remembers the subnets`,
      );
    }
    return subnet;
  });
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined | '' | 0> };

/** Without those that are not set. */
function given<T extends object>(values: T): Given<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}
