import { Duration, Lazy, Stack, TimeZone } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledged.ts';
import type { Permissions } from '../permissions.ts';
import type { GitLabTokenRotationProps } from '../props.ts';

/** In UTC it is the night of the Americas and the morning of Europe. */
const DEFAULT_TIME = '06:00';

/** What is called, and with which secrets: all that there are at synthesis. */
export interface ScheduledWatch {
  readonly watch: IFunction;
  readonly permissions: Permissions;
  readonly secrets: readonly string[];
}

/**
 * One schedule for all days. If the watch also tells once a week that all is well, Mondays have their
 * own, so that no day has two runs.
 */
export function createSchedules(
  scope: Construct,
  props: GitLabTokenRotationProps,
  scheduled: ScheduledWatch,
): void {
  const role = props.watchRole ?? createRole(scope, props);
  allowInvocation(scope, role, scheduled);
  const schedule = (id: string, days: string, reportWhenWell: boolean) =>
    createSchedule(scope, props, { ...scheduled, role, id, days, reportWhenWell });
  if (props.weeklyReport) {
    schedule('Schedule', '? * SUN,TUE-SAT *', false);
    schedule('WeeklySchedule', '? * MON *', true);
  } else {
    schedule('Schedule', '* * ? *', false);
  }
}

interface ScheduleParts extends ScheduledWatch {
  readonly role: IRole;
  readonly id: string;
  /** The last four fields of a cron expression. */
  readonly days: string;
  readonly reportWhenWell: boolean;
}

function createSchedule(
  scope: Construct,
  { watchTime, watchTimeZone = TimeZone.ETC_UTC }: GitLabTokenRotationProps,
  { id, watch, role, secrets, days, reportWhenWell }: ScheduleParts,
): void {
  const [hour, minute] = (watchTime || DEFAULT_TIME).split(':').map(Number);
  const input = ScheduleTargetInput.fromObject({
    secrets: Lazy.any({ produce: () => secrets }),
    reportWhenWell,
    daily: true,
  });
  new Schedule(scope, id, {
    description: `Calls the watch over GitLab tokens${reportWhenWell ? ', which also tells that all is well' : ''}`,
    schedule: ScheduleExpression.expression(`cron(${minute} ${hour} ${days})`, watchTimeZone),
    target: {
      // Not `LambdaInvoke`: its role may invoke every version, too.
      bind: () => ({
        arn: watch.functionArn,
        role,
        input,
        // What could not be called in an hour is missing, and the alarm says so.
        retryPolicy: { maximumEventAgeInSeconds: Duration.hours(1).toSeconds() },
      }),
    },
  });
}

function createRole(scope: Construct, { permissionsBoundary }: GitLabTokenRotationProps): Role {
  const { account } = Stack.of(scope);
  return new Role(scope, 'ScheduleRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      // Not for schedules of other accounts.
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    ...(permissionsBoundary && { permissionsBoundary }),
  });
}

/** By a policy of its own: the function depends on that of its role, and this one names the function. */
function allowInvocation(
  scope: Construct,
  role: IRole,
  { watch, permissions }: ScheduledWatch,
): void {
  const statement = new PolicyStatement({
    actions: ['lambda:InvokeFunction'],
    resources: [watch.functionArn],
  });
  if (role === permissions.role && !permissions.isMutable) {
    permissions.allow(statement);
    return;
  }
  const policy = new Policy(scope, 'Invocation', { statements: [statement] });
  role.attachInlinePolicy(policy);
  acknowledge(policy, 'IAMNoInlinePolicy');
}
