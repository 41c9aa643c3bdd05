import type { SnsMessage } from './message.ts';
import type { Subscription } from './state.ts';

/** What a POST to an endpoint is, as its header `x-amz-sns-message-type` says. */
export type DocumentKind = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** Only AWS can sign; the members are there because they always are. */
const UNSIGNED = { SignatureVersion: '1', Signature: 'unsigned' } as const;

const CERTIFICATE = '/SimpleNotificationService.pem';

/**
 * The JSON envelope in which subscribers without raw delivery get a message.
 *
 * @param text what the subscriber's protocol reads
 * @param url where this SNS answers
 */
export function notificationDocument(
  message: SnsMessage,
  text: string,
  { arn }: Subscription,
  url: string,
): string {
  const attributes = Object.entries(message.attributes).map(([name, { type, value }]) => [
    name,
    { Type: type, Value: value },
  ]);
  return JSON.stringify({
    Type: 'Notification' satisfies DocumentKind,
    MessageId: message.messageId,
    TopicArn: message.topicArn,
    Subject: message.subject,
    Message: text,
    Timestamp: message.at.toISOString(),
    ...UNSIGNED,
    SigningCertURL: `${url}${CERTIFICATE}`,
    UnsubscribeURL: link(url, 'Unsubscribe', { SubscriptionArn: arn }),
    ...(attributes.length > 0 && { MessageAttributes: Object.fromEntries(attributes) }),
  });
}

const EXPLANATIONS = {
  SubscriptionConfirmation: ({ topicArn }) =>
    `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
  UnsubscribeConfirmation: ({ arn }) =>
    `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`,
} as const satisfies Partial<Record<DocumentKind, (subscription: Subscription) => string>>;

/** The JSON that brings an HTTP endpoint the token of its subscription. */
export function tokenDocument(
  kind: keyof typeof EXPLANATIONS,
  subscription: Subscription,
  messageId: string,
  url: string,
  at: Date,
): string {
  const { token, topicArn } = subscription;
  return JSON.stringify({
    Type: kind,
    MessageId: messageId,
    Token: token,
    TopicArn: topicArn,
    Message: EXPLANATIONS[kind](subscription),
    SubscribeURL: confirmationLink(subscription, url),
    Timestamp: at.toISOString(),
    ...UNSIGNED,
    SigningCertURL: `${url}${CERTIFICATE}`,
  });
}

/** The mail that asks an address to confirm; its last line is the token. */
export function confirmationMail(
  subscription: Subscription,
  url: string,
): { readonly subject: string; readonly text: string } {
  return {
    subject: 'AWS Notification - Subscription Confirmation',
    text: [
      'You have chosen to subscribe to the topic:',
      subscription.topicArn,
      '',
      'To confirm this subscription, visit:',
      confirmationLink(subscription, url),
      '',
      'or call ConfirmSubscription with this token:',
      subscription.token,
    ].join('\n'),
  };
}

function confirmationLink({ topicArn, token }: Subscription, url: string): string {
  return link(url, 'ConfirmSubscription', { TopicArn: topicArn, Token: token });
}

function link(url: string, action: string, parameters: Readonly<Record<string, string>>): string {
  return `${url}/?${new URLSearchParams({ Action: action, ...parameters })}`;
}
