/** The protocols of subscribers, as `MessageStructure: json` names them. */
export type Protocol =
  | 'email'
  | 'email-json'
  | 'http'
  | 'https'
  | 'sqs'
  | 'sms'
  | 'lambda'
  | 'firehose'
  | 'application';

/** A message attribute. `type` begins with String, Number or Binary; a binary value is base64. */
export interface MessageAttribute {
  readonly type: string;
  readonly value: string;
}

/** A message that SNS accepted. */
export interface SnsMessage {
  readonly topicArn: string;
  readonly messageId: string;
  readonly subject?: string;
  /** Whether it came with `MessageStructure: json`. */
  readonly structured: boolean;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** What subscribers of a protocol read, without an envelope. */
  readonly textFor: (protocol: Protocol) => string;
  readonly at: Date;
}
