import type { Duration, TimeZone } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { OnEventOptions, Schedule } from 'aws-cdk-lib/aws-events';
import type { IManagedPolicy, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/**
 * So many days a token outlives the longest time between two rotations: one may be late, and somebody
 * must have time to act when it fails.
 */
export const MARGIN_DAYS = 7;

/** How a token is rotated. The construct sets it for all of its secrets, `addSecret` for one. */
export interface TokenRotationOptions {
  /**
   * When the token is rotated, as Secrets Manager reads it: a rate in hours or days, from 4 hours on,
   * or a cron expression in UTC with minutes 0 and year `*`, such as
   * `Schedule.expression('cron(0 1 ? * SUN *)')`. Secrets Manager rotates at any moment of the window
   * that opens then; for a rate in days that is midnight UTC.
   *
   * @default Schedule.rate(Duration.days(30))
   */
  readonly schedule?: Schedule;

  /**
   * The length of the window in which Secrets Manager may start the rotation: whole hours, 1 to 24.
   * It must not reach the next window, nor go past midnight UTC.
   *
   * @default - until midnight UTC; one hour for a schedule in hours
   */
  readonly window?: Duration;

  /**
   * How long each new token lives: 2 to 400 whole days. GitLab's own maximum is usually 365.
   *
   * A token must outlive the longest time between two rotations by 7 days; with alternating tokens,
   * twice that time by 7 days.
   *
   * @default Duration.days(90)
   */
  readonly tokenLifetime?: Duration;

  /**
   * Whether the secret holds two tokens that are rotated alternately: a `standby` beside its token.
   *
   * The function finds a standby without this setting. With it, the lifetime is checked for two
   * tokens, and the function refuses a secret without a standby. So add the standby first, and remove
   * this setting before you remove the standby.
   *
   * @default false
   */
  readonly alternatingTokens?: boolean;

  /**
   * The field of a JSON secret that holds the token.
   *
   * @default token
   */
  readonly tokenField?: string;

  /**
   * The project of the token, as a number or a full path like `group/app`, for a secret with neither
   * `projectId` nor `groupId`.
   *
   * @default - the token is rotated without naming its project
   */
  readonly projectId?: string;
}

/** One GitLab, and the function that rotates its tokens. */
export interface GitLabTokenRotationProps extends TokenRotationOptions {
  /**
   * The https URL of the GitLab to which all tokens belong, such as `https://gitlab.example.com`. No
   * token is sent anywhere else, whatever its secret says.
   */
  readonly gitlabUrl: string;

  /**
   * A topic of yours for the alerts. If it is encrypted, import it with its key
   * (`Topic.fromTopicAttributes`). The policies of an imported topic and key are not changed: a
   * warning prints the statements that they need.
   *
   * @default - a new topic, encrypted with a key of its own
   */
  readonly failureTopic?: ITopic;

  /**
   * Who gets an e-mail when a rotation fails. Each address must be confirmed by the link in its first
   * mail.
   *
   * @default - nobody, until somebody subscribes to the topic
   */
  readonly alertEmails?: string[];

  /**
   * The secret with the recovery credential: a token with the scope `api` of a person or a service
   * account who is Maintainer of the project or Owner of the group. With it the function rotates a
   * token whose value was lost once more. It is only read, and is in the same form as a rotated secret.
   *
   * It must be known by its full ARN (`Secret.fromSecretCompleteArn`), be in the region of the
   * function, and be imported with its KMS key where it has one (`Secret.fromSecretAttributes`). One
   * of another account needs such a key, and policies of secret and key that allow this account
   * `secretsmanager:GetSecretValue` and `kms:Decrypt`.
   *
   * @default - a token whose value was lost must be replaced by a person
   */
  readonly recoverySecret?: ISecret;

  /**
   * When the watch looks at all secrets each day, like `07:30`, or `false` if it must not. It tells the
   * topic what would break: a token that expires or is revoked, a rotation that is off, late or stuck.
   *
   * Alarms tell the topic if no such run has ended for more than a day, and if a token expires within a week.
   * What Secrets Manager says of a rotation (RotationFailed and the like) calls the watch in any case.
   *
   * @default '06:00'
   */
  readonly watchTime?: string | false;

  /**
   * The time zone of `watchTime`. Where clocks change, do not choose a time between midnight and three:
   * the watch does not run on a day without that time. A warning names such a day of the next year.
   *
   * @default TimeZone.ETC_UTC
   */
  readonly watchTimeZone?: TimeZone;

  /**
   * Whether the watch tells the topic on Mondays that all is well, too. On other days it is silent then.
   *
   * @default false
   */
  readonly weeklyReport?: boolean;

  /**
   * Whether there is a CloudWatch dashboard of findings, days to expiry, rotations and alarms. Three of
   * an account are free, a further one is $3 a month.
   *
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * How long the logs of the functions are kept.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;

  /**
   * The KMS key that encrypts the logs. CloudWatch Logs must be allowed to use it: the policy of a key
   * of the app is extended; for an imported key a warning prints the statement.
   *
   * @default - CloudWatch Logs encrypts with a key of its own
   */
  readonly logEncryptionKey?: IKey;

  /**
   * The KMS key that encrypts the environment variables of the functions.
   *
   * @default - the key `aws/lambda`
   */
  readonly environmentEncryptionKey?: IKey;

  /**
   * The VPC from which GitLab is reached. Secrets Manager and SNS must be within reach too: through
   * NAT, or through interface endpoints for `secretsmanager` and `sns`.
   *
   * @default - the network of Lambda, from which only a public GitLab is reached
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of the `vpc` for the functions.
   *
   * @default - its private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the functions in the `vpc`.
   *
   * @default - a new one that allows outbound TCP only: port 443, and the ports of GitLab and proxy
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * The path of a local PEM file with the certificates of the private authority behind GitLab's own
   * certificate. It is deployed beside the code.
   *
   * @default - the authorities that Node.js trusts
   */
  readonly certificateAuthority?: string;

  /**
   * The proxy through which GitLab is reached: a URL without credentials, like
   * `http://proxy.example.com:3128`. AWS is reached without it.
   *
   * @default - GitLab is reached directly
   */
  readonly httpsProxy?: string;

  /**
   * Hosts that are reached without the proxy, separated by commas or blanks: `gitlab.example.com` or
   * `.example.com` (each with all names below it), `*.example.com` (only the names below it), single
   * IP addresses, each with an optional `:port`, or `*`. Ranges like `10.0.0.0/8` are not supported.
   *
   * @default - none
   */
  readonly noProxy?: string;

  /**
   * A role of yours for the rotation, which Lambda must be allowed to assume. The permissions are
   * added to it; where it cannot be changed, a warning prints them. An imported one has room for about
   * 90 secrets.
   *
   * @default - a new role
   */
  readonly role?: IRole;

  /**
   * A role of yours for the watch and its schedule, which Lambda and EventBridge Scheduler
   * (`scheduler.amazonaws.com`) must be allowed to assume. Otherwise it is like `role`.
   *
   * @default - two new roles
   */
  readonly watchRole?: IRole;

  /**
   * The permissions boundary of the new roles. It cannot be combined with both `role` and `watchRole`.
   *
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;

  /**
   * The memory of the rotation function, in MiB: 128 to 10240.
   *
   * @default 256
   */
  readonly memorySize?: number;
}

/** One secret with its token. What is not set here is as the construct's props say. */
export interface RotatedSecretProps extends TokenRotationOptions {
  /**
   * The plain name of a secret of this account and region, such as `app/gitlab-token`. With `create`
   * it is created, else it exists.
   *
   * @default - `secret` says which
   */
  readonly secretName?: string;

  /**
   * A secret that exists or that the app creates, in place of `secretName`: imported by name, by its
   * full ARN, or with its KMS key by `Secret.fromSecretAttributes`.
   *
   * One of another account must be imported with its KMS key. It gets no schedule and no rule for
   * events from here: a warning prints what its owner must do.
   *
   * @default - `secretName` says which
   */
  readonly secret?: ISecret;

  /**
   * Whether the secret `secretName` is created. It is created empty, stays when it is removed here,
   * and cannot be deleted as long as it is rotated. Each is three resources, so that a stack of 500
   * has room for 150 of them: create more in another stack, with a construct of its own.
   *
   * @default false
   */
  readonly create?: boolean;

  /**
   * The KMS key that encrypts the secret `secretName`.
   *
   * @default - the key `aws/secretsmanager`
   */
  readonly encryptionKey?: IKey;
}

/** What happens after a rotation, and for which secrets. */
export interface RotatedEventOptions extends OnEventOptions {
  /**
   * The names of the secrets whose rotation triggers the rule.
   *
   * @default - all secrets of the construct
   */
  readonly secretNames?: string[];
}
