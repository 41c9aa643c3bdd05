import { randomUUID } from 'node:crypto';

/** The events of a rotation (Secrets Manager User Guide, cloudtrail_log_entries). */
export type ServiceEventName =
  | 'RotationStarted'
  | 'RotationSucceeded'
  | 'RotationFailed'
  | 'RotationAbandoned'
  | 'TestRotationStarted'
  | 'TestRotationSucceeded'
  | 'TestRotationFailed';

/**
 * What CloudTrail records of a rotation that no caller asked for: the form of a captured
 * RotationFailed. In EventBridge it is the `detail` of `AWS Service Event via CloudTrail`.
 */
export interface ServiceEvent {
  readonly eventVersion: string;
  readonly userIdentity: { readonly accountId: string; readonly invokedBy: string };
  /** ISO 8601, UTC, whole seconds. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: ServiceEventName;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorMessage?: string;
  readonly requestParameters: null;
  readonly responseElements: null;
  readonly additionalEventData: { readonly SecretId: string };
  /** `Rotation-<secret arn>-<version id>`. */
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly eventType: 'AwsServiceEvent';
  readonly recipientAccountId: string;
  readonly eventCategory: string;
}

/** What differs from event to event. */
export interface ServiceEventProps {
  readonly eventName: ServiceEventName;
  readonly region: string;
  readonly accountId: string;
  readonly secretArn: string;
  readonly versionId: string;
  readonly at: Date;
  readonly errorMessage?: string;
}

const SERVICE = 'secretsmanager.amazonaws.com';

/** Builds the record of one event. */
export function serviceEvent(props: ServiceEventProps): ServiceEvent {
  const { eventName, region, accountId, secretArn, versionId, at, errorMessage } = props;
  return {
    eventVersion: '1.08',
    userIdentity: { accountId, invokedBy: SERVICE },
    eventTime: `${at.toISOString().slice(0, 19)}Z`,
    eventSource: SERVICE,
    eventName,
    awsRegion: region,
    sourceIPAddress: SERVICE,
    userAgent: SERVICE,
    ...(errorMessage !== undefined && { errorMessage }),
    requestParameters: null,
    responseElements: null,
    additionalEventData: { SecretId: secretArn },
    requestID: `Rotation-${secretArn}-${versionId}`,
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsServiceEvent',
    recipientAccountId: accountId,
    eventCategory: 'Management',
  };
}
