import { invalidParameter } from './errors.ts';
import type { SnsRequest } from './request.ts';
import { isTopicName, type SnsState, type Topic } from './state.ts';
import { type Element, element, mapElement } from './xml.ts';

/** CreateTopic and GetTopicAttributes; tags are accepted and not kept. */
export function topicOperations(state: SnsState) {
  return {
    CreateTopic(request: SnsRequest): Element[] {
      const attributes = request.map('Attributes');
      const { arn } = createTopic(state, request.requiredText('Name'), attributes);
      return [element('TopicArn', arn)];
    },

    GetTopicAttributes(request: SnsRequest): Element[] {
      const { arn, attributes } = state.topic(request.requiredText('TopicArn'));
      const count = (status: 'pending' | 'confirmed' | 'deleted') =>
        String(state.subscriptionsOf(arn, status).length);
      return [
        mapElement('Attributes', {
          DisplayName: '',
          ...Object.fromEntries(attributes),
          TopicArn: arn,
          Owner: state.place.accountId,
          SubscriptionsConfirmed: count('confirmed'),
          SubscriptionsPending: count('pending'),
          SubscriptionsDeleted: count('deleted'),
        }),
      ];
    },
  };
}

/**
 * Makes a standard topic, or finds the one that has this name.
 *
 * @throws {SnsRefusal} InvalidParameter for a name that no standard topic can have, and for other
 * attributes than the existing topic's
 */
export function createTopic(
  state: SnsState,
  name: string,
  attributes: ReadonlyMap<string, string> = new Map(),
): Topic {
  if (!isTopicName(name)) {
    throw invalidParameter('Topic Name');
  }
  const arn = state.arnOf(name);
  const existing = state.existingTopic(arn);
  if (!existing) {
    const topic = { arn, attributes };
    state.saveTopic(topic);
    return topic;
  }
  if ([...attributes].some(([key, value]) => existing.attributes.get(key) !== value)) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
  return existing;
}
