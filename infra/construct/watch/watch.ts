import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { createFunction } from '../function.ts';
import { createLogGroup } from '../log-group.ts';
import { type Network, sameNetwork } from '../network.ts';
import { Permissions, WATCH } from '../permissions.ts';
import type { GitLabTokenRotationProps } from '../props.ts';
import type { RotatedSecret } from '../secret.ts';
import { createExpiryAlarm, createWatchAlarm } from './alarm.ts';
import { createDashboard } from './dashboard.ts';
import { createSchedules } from './schedule.ts';

/** The rotation function, and what the watch shares with it. */
export interface WatchParts {
  readonly rotation: LambdaFunction;
  readonly errorsAlarm: Alarm;
  readonly failureTopic: ITopic;
  readonly network: Network | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Looks after the secrets: once a day at all of them, and at one when Secrets Manager gives its
 * verdict on a rotation. A function with a role of its own, which reads and publishes only.
 */
export class Watch {
  readonly function: LambdaFunction;
  readonly permissions: Permissions;
  readonly #scope: Construct;
  readonly #props: GitLabTokenRotationProps;
  readonly #parts: WatchParts;
  readonly #secrets: string[] = [];
  #alarms: { readonly watch: Alarm; readonly expiry: Alarm } | undefined;
  #dashboard: Dashboard | undefined;

  constructor(scope: Construct, props: GitLabTokenRotationProps, parts: WatchParts) {
    this.#scope = new Construct(scope, 'Watch');
    this.#props = props;
    this.#parts = parts;
    this.permissions = new Permissions(this.#scope, WATCH, props);
    this.function = this.#createFunction(parts);
    this.#admitRules();
  }

  /** There are none without a daily run. */
  get alarms() {
    return this.#alarms;
  }

  get dashboard(): Dashboard | undefined {
    return this.#dashboard;
  }

  add(added: RotatedSecret): void {
    this.permissions.allowUse(added);
    // A policy names ARNs, and only an ARN leads to another account.
    this.#secrets.push(added.secret.secretFullArn ?? added.name);
    // Not before: without a secret there is nothing to watch.
    if (this.#secrets.length === 1) {
      this.#watchDaily();
      this.#show();
    }
  }

  #watchDaily(): void {
    if (this.#props.watchTime === false) {
      return;
    }
    createSchedules(this.#scope, this.#props, {
      watch: this.function,
      permissions: this.permissions,
      secrets: this.#secrets,
    });
    const { failureTopic } = this.#parts;
    this.#alarms = {
      watch: createWatchAlarm(this.#scope, this.function, failureTopic),
      expiry: createExpiryAlarm(this.#scope, this.function, failureTopic),
    };
  }

  #show(): void {
    if (this.#props.dashboard !== false) {
      const { rotation, errorsAlarm } = this.#parts;
      const alarms = [errorsAlarm, ...Object.values(this.#alarms ?? {})];
      const dailyWatch = this.#props.watchTime === false ? undefined : this.function;
      this.#dashboard = createDashboard(this.#scope, { rotation, dailyWatch, alarms });
    }
  }

  #createFunction({ failureTopic, network, environment }: WatchParts): LambdaFunction {
    const scope = this.#scope;
    const { permissions } = this;
    const { recoverySecret } = this.#props;
    const logGroup = createLogGroup(scope, this.#props);
    permissions.allowLogging(logGroup);
    permissions.allowPublishing(failureTopic);
    if (recoverySecret) {
      permissions.allowReading(recoverySecret);
    }
    return createFunction(scope, this.#props, {
      description: 'Looks after GitLab tokens in AWS Secrets Manager, and changes nothing',
      handler: 'watch',
      // Lambda's maximum. It ends before its time-out, and reports what it saw.
      timeout: Duration.minutes(15),
      memorySize: 256,
      environment,
      logGroup,
      permissions,
      network: network && sameNetwork(scope, network, permissions),
      invocation: {
        // Not `SnsDestination`: it would open the key with a wildcard.
        onFailure: { bind: () => ({ destination: failureTopic.topicArn }) },
        retryAttempts: 1,
        maxEventAge: Duration.hours(1),
      },
    });
  }

  /**
   * One permission for all rules of this account: one for each rule would end at about forty. Whoever
   * may make such a rule gains nothing, since the watch only reads, and tells the topic.
   */
  #admitRules(): void {
    const sourceArn = Stack.of(this.#scope).formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: '*',
    });
    const principal = new ServicePrincipal('events.amazonaws.com');
    this.function.addPermission('Rules', { principal, sourceArn });
  }
}
