import { Stack } from 'aws-cdk-lib';
import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { ArnPrincipal, type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { createRotatedRule, FailureRules } from './alerts/rules.ts';
import { createErrorsAlarm, failureTopicOf } from './alerts/topic.ts';
import { CONSTRUCT_FORMS, checkForms, EVENT_FORMS, SECRET_FORMS } from './checks/forms.ts';
import { Problems } from './checks/problems.ts';
import { propWarnings } from './checks/prop-warnings.ts';
import { checkOtherSecret, checkRecoverySecret } from './checks/recovery-secret.ts';
import { countResources, resourceProblems } from './checks/resources.ts';
import { checkCommonRules, checkedRules } from './checks/schedule.ts';
import { checkFunctionProps, checkTokenOptions } from './checks/values.ts';
import { createRotationFunction, functionEnvironment } from './function.ts';
import { admitLogs, createLogGroup } from './log-group.ts';
import { createNetwork } from './network.ts';
import { Permissions, ROTATION, WATCH } from './permissions.ts';
import type {
  GitLabTokenRotationProps,
  RotatedEventOptions,
  RotatedSecretProps,
  TokenRotationOptions,
} from './props.ts';
import { type RotatedSecret, rotatedSecret } from './secret.ts';
import { differingSettings, environmentProblems, secretSettings } from './settings.ts';
import { needs, warn } from './warnings.ts';
import { Watch } from './watch/watch.ts';

/** So many test runs, which a new schedule starts, at once. */
const SCHEDULES_AT_ONCE = 10;
/** Each has a permission of about 400 bytes, and Lambda allows 20,480 for all. */
const MOST_ACCOUNTS = 50;

/**
 * Rotates the tokens of one GitLab, which are in secrets of AWS Secrets Manager, and sends an alert
 * when a rotation fails: one function and one topic for all secrets. A second function, the watch,
 * looks at them once a day, and tells the topic what would break.
 *
 * A deployment rotates nothing: Secrets Manager then runs testSecret alone, on a copy of the current
 * value.
 */
export class GitLabTokenRotation extends Construct {
  readonly function: LambdaFunction;
  readonly role: IRole;
  /** Who subscribes here learns of failures. */
  readonly failureTopic: ITopic;
  readonly errorsAlarm: Alarm;
  /** Invoked with the names of secrets, it answers with what it finds. */
  readonly watchFunction: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly #props: GitLabTokenRotationProps;
  readonly #permissions: Permissions;
  readonly #watch: Watch;
  readonly #failureRules: FailureRules;
  readonly #secretsScope: Construct;
  readonly #secrets: RotatedSecret[] = [];
  readonly #schedules: CfnRotationSchedule[] = [];
  readonly #settings = new Map<string, object>();
  readonly #environment: Record<string, string>;

  /** @throws {Error} when a prop, or two together, cannot work; the message says what is allowed */
  constructor(scope: Construct, id: string, props: GitLabTokenRotationProps) {
    super(scope, id);
    const { given, others } = checkForms('', props, {
      forms: CONSTRUCT_FORMS,
      required: ['gitlabUrl'],
    });
    this.#warnOfOthers('', others);
    this.#checkProps(given);
    this.#props = given;
    for (const [topic, text] of propWarnings(given)) {
      warn(this, topic, text);
    }
    admitLogs(this, given);
    this.logGroup = createLogGroup(this, given);
    const permissions = new Permissions(this, ROTATION, given);
    permissions.allowLogging(this.logGroup);
    if (given.recoverySecret) {
      permissions.allowReading(given.recoverySecret);
    }
    const failureTopic = failureTopicOf(this, given);
    permissions.allowPublishing(failureTopic);
    const network = createNetwork(this, given, permissions);
    this.#permissions = permissions;
    this.role = permissions.role;
    this.failureTopic = failureTopic;
    const environment = functionEnvironment(given, failureTopic);
    this.function = createRotationFunction(this, given, {
      environment,
      logGroup: this.logGroup,
      permissions,
      network,
    });
    this.#environment = { ...environment, ROTATION_FUNCTION_ARN: this.function.functionArn };
    this.errorsAlarm = createErrorsAlarm(this, this.function, failureTopic);
    this.#watch = new Watch(this, given, {
      rotation: this.function,
      errorsAlarm: this.errorsAlarm,
      ...{ failureTopic, network, environment: this.#environment },
    });
    this.watchFunction = this.#watch.function;
    this.#failureRules = new FailureRules(this, this.watchFunction);
    this.#secretsScope = new Construct(this, 'Secrets');
    countResources(this, this.#secrets);
    // Once all secrets are known, so that each problem is reported once.
    this.node.addValidation({
      validate: () => [
        ...this.#roleProblems(),
        ...environmentProblems(this.#environment),
        ...this.#accountProblems(),
        ...resourceProblems(this),
      ],
    });
  }

  /** Report AWS's own verdicts, where CloudTrail has a trail in this region. */
  get failureRules(): readonly Rule[] {
    return this.#failureRules.rules;
  }

  /** Sounds when no daily run of the watch has ended for more than a day; there is none without a daily run. */
  get watchAlarm(): Alarm | undefined {
    return this.#watch.alarms?.watch;
  }

  /** Sounds when a token expires within a week, or is dead; there is none without a daily run. */
  get expiryAlarm(): Alarm | undefined {
    return this.#watch.alarms?.expiry;
  }

  /** From the first secret on, unless it is left out. */
  get dashboard(): Dashboard | undefined {
    return this.#watch.dashboard;
  }

  /**
   * Rotates the token of one more secret. Append new secrets after the others: the order decides
   * which policy names which secret.
   *
   * @returns the secret, whose `grantRead` is for those that use the token
   * @throws {Error} when it is rotated already, and when a prop, or two together, cannot work
   */
  addSecret(props: RotatedSecretProps): ISecret {
    const { given, others } = checkForms('addSecret: ', props, { forms: SECRET_FORMS });
    const { added, rotationRules } = this.#checked(given);
    this.#warnOfOthers(`addSecret ${JSON.stringify(added.name)}: `, others);
    this.#secrets.push(added);
    this.#permissions.allowUse(added);
    this.#watch.add(added);
    this.#configure(added.name, given);
    this.#admitSecretsManager(added);
    if (added.isForeign) {
      this.#warnOwner(added);
    } else {
      this.#failureRules.add(added);
      this.#schedule(added, rotationRules);
    }
    return added.secret;
  }

  /**
   * Calls a target after each rotation, as soon as consumers get the new token: on the event "Secret
   * Label Updated", which needs no trail of CloudTrail.
   */
  onRotated(id: string, options: RotatedEventOptions = {}): Rule {
    const { given } = checkForms(`onRotated ${id}: `, options, {
      forms: EVENT_FORMS,
      // The others are those of CDK, of which a later one has more.
      names: ['secretNames'],
    });
    const names = () => this.#secrets.filter((each) => !each.isForeign).map(({ name }) => name);
    return createRotatedRule(this, id, given, names);
  }

  #warnOfOthers(where: string, names: readonly string[]): void {
    for (const name of names) {
      warn(this, 'otherProp', `${where}${name} is not a prop, and has no effect`);
    }
  }

  /** @throws {Error} see the constructor */
  #checkProps(props: GitLabTokenRotationProps): void {
    const problems = new Problems();
    problems.attempt(() => checkFunctionProps(props));
    problems.attempt(() => checkTokenOptions('', props));
    problems.attempt(() => checkCommonRules(props));
    problems.attempt(() => props.recoverySecret && checkRecoverySecret(this, props.recoverySecret));
    problems.refuse();
  }

  /** @throws {Error} see `addSecret` */
  #checked(props: RotatedSecretProps) {
    const { recoverySecret } = this.#props;
    const options = { ...optionsOf(this.#props), ...optionsOf(props) };
    const problems = new Problems();
    const added = problems.attempt(() => rotatedSecret(this.#secretsScope, props));
    const where = added ? `addSecret ${JSON.stringify(added.name)}: ` : 'addSecret: ';
    problems.attempt(() => checkTokenOptions(where, options));
    const rotationRules = problems.attempt(() => checkedRules(where, options));
    problems.attempt(() => recoverySecret && added && checkOtherSecret(recoverySecret, added));
    return problems.refuse({ added, rotationRules });
  }

  #configure(name: string, options: TokenRotationOptions): void {
    const settings = differingSettings(optionsOf(this.#props), optionsOf(options));
    if (Object.keys(settings).length === 0) {
      return;
    }
    this.#settings.set(name, settings);
    const value = secretSettings(this.#settings);
    this.#environment['SECRET_SETTINGS'] = value;
    for (const each of [this.function, this.watchFunction]) {
      each.addEnvironment('SECRET_SETTINGS', value);
    }
  }

  /**
   * A permission for each account, as AWS advises: one for each secret would end at 41. So does
   * `secret.addRotationSchedule()`, but for any account, and with GetRandomPassword on `*`:
   * aws/aws-cdk#28406.
   */
  #admitSecretsManager({ secret, isForeign }: RotatedSecret): void {
    const sourceAccount = isForeign ? secret.env.account : Stack.of(this).account;
    const id = isForeign ? `SecretsManager${sourceAccount}` : 'SecretsManager';
    if (!this.function.node.tryFindChild(id)) {
      const principal = new ServicePrincipal('secretsmanager.amazonaws.com');
      this.function.addPermission(id, { principal, sourceAccount });
    }
  }

  /** The watch may do less with the same secrets: what is too much for both is told once. */
  #roleProblems(): string[] {
    const problems = this.#permissions.sizeProblems();
    return problems.length > 0 ? problems : this.#watch.permissions.sizeProblems();
  }

  #accountProblems(): string[] {
    const accounts = new Set(this.#secrets.map(({ account }) => account)).size;
    return accounts <= MOST_ACCOUNTS
      ? []
      : [
          `addSecret: the secrets are in ${accounts} accounts, and the policy of the function has room for ${MOST_ACCOUNTS}. Use a construct for each part of the accounts`,
        ];
  }

  #schedule(
    { name, secret, created, scope }: RotatedSecret,
    rotationRules: CfnRotationSchedule.RotationRulesProperty,
  ): void {
    const schedule = new CfnRotationSchedule(scope, 'Schedule', {
      // Never its ARN: a change of the form would replace the schedule, which ends rotation.
      secretId: name,
      rotationLambdaArn: this.function.functionArn,
      rotationRules,
      // CloudFormation's own default would rotate at every change of the schedule.
      rotateImmediatelyOnUpdate: false,
    });
    // Secrets Manager invokes the function as soon as there is a schedule: not before the secret,
    // which a name does not refer to, and not before the permission, a child of the function.
    schedule.node.addDependency(...(created ? [created] : [secret]), this.function);
    const before = this.#schedules.at(-SCHEDULES_AT_ONCE);
    if (before && this.#schedules.length >= SCHEDULES_AT_ONCE) {
      schedule.node.addDependency(before);
    }
    this.#schedules.push(schedule);
  }

  /**
   * Rotation of a secret of another account is switched on there. Its policies name the roles, not the
   * whole account: AWS refuses a principal that does not exist, so they come after the deployment.
   */
  #warnOwner({ name, secret, scope }: RotatedSecret): void {
    const roles = [
      { duty: ROTATION, role: this.role },
      { duty: WATCH, role: this.#watch.permissions.role },
    ];
    const statement = (role: IRole, actions: string[]) =>
      new PolicyStatement({
        principals: [new ArnPrincipal(role.roleArn)],
        actions,
        resources: ['*'],
      });
    const onSecret = roles.map(({ duty, role }) => statement(role, duty.onSecret));
    const onKey = roles.map(({ duty, role }) => statement(role, duty.onKey));
    const account = secret.env.account;
    const areMutable = this.#permissions.isMutable && this.#watch.permissions.isMutable;
    warn(
      scope,
      'secretOfAnotherAccount',
      [
        needs(
          `The secret ${name} is in account ${account}. After the deployment, for AWS refuses a policy that names a role before it exists, its policy there`,
          onSecret,
        ),
        needs('The policy of its KMS key', onKey),
        `In this account, the policies of the roles ${areMutable ? 'allow the same already.' : 'must allow the same: see the warnings about the roles.'}`,
        `Its schedule is set there: aws secretsmanager rotate-secret --no-rotate-immediately --secret-id ${name} --rotation-lambda-arn ${this.function.functionArn} --rotation-rules …`,
        'No rule here reports what Secrets Manager says of it (RotationFailed, RotationAbandoned, TestRotationFailed): these events are in that account. The function, its alarm and the watch report it as they do any other secret.',
      ].join('\n'),
    );
  }
}

/** Those that are set: an `undefined` does not hide the construct's own. */
function optionsOf(options: TokenRotationOptions): TokenRotationOptions {
  const { schedule, window, tokenLifetime, alternatingTokens, tokenField, projectId } = options;
  return {
    ...(schedule !== undefined && { schedule }),
    ...(window !== undefined && { window }),
    ...(tokenLifetime !== undefined && { tokenLifetime }),
    ...(alternatingTokens !== undefined && { alternatingTokens }),
    ...(tokenField !== undefined && { tokenField }),
    ...(projectId !== undefined && { projectId }),
  };
}
