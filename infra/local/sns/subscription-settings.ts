import { invalidParameter } from './errors.ts';
import {
  type FilterPolicy,
  FilterPolicyError,
  type FilterScope,
  parseFilterPolicy,
} from './filter.ts';
import type { Protocol } from './state.ts';

/** The attributes of a subscription, as they were sent, and what they mean. */
export interface SubscriptionSettings {
  readonly attributes: ReadonlyMap<string, string>;
  /** The message alone is delivered, without the JSON around it. */
  readonly raw: boolean;
  /** What `FilterPolicy` says. */
  readonly accepts: FilterPolicy;
}

const NAMES: ReadonlySet<string> = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'SubscriptionRoleArn',
]);

/** The protocols that have a choice. */
const RAW_PROTOCOLS: ReadonlySet<Protocol> = new Set(['http', 'https', 'sqs', 'firehose']);

/**
 * Reads the attributes of a subscription. Delivery and redrive policies are kept and have no
 * effect: here nothing is delivered twice.
 *
 * @param prefix of every refusal's text, by operation
 * @throws {SnsRefusal} InvalidParameter
 */
export function parseSubscriptionSettings(
  attributes: ReadonlyMap<string, string>,
  protocol: Protocol,
  prefix = '',
): SubscriptionSettings {
  if ([...attributes.keys()].some((name) => !NAMES.has(name))) {
    throw invalidParameter(`${prefix}AttributeName`);
  }
  const scope = scopeOf(attributes.get('FilterPolicyScope'), prefix);
  return {
    attributes,
    raw: rawOf(attributes.get('RawMessageDelivery'), protocol, prefix),
    accepts: filterOf(attributes.get('FilterPolicy'), scope, prefix),
  };
}

function scopeOf(value = 'MessageAttributes', prefix: string): FilterScope {
  if (value !== 'MessageAttributes' && value !== 'MessageBody') {
    throw invalidParameter(
      `${prefix}FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
    );
  }
  return value;
}

function rawOf(value = 'false', protocol: Protocol, prefix: string): boolean {
  const flag = value.toLowerCase();
  if (flag !== 'true' && flag !== 'false') {
    throw invalidParameter(
      `${prefix}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`,
    );
  }
  if (flag === 'true' && !RAW_PROTOCOLS.has(protocol)) {
    throw invalidParameter(
      `${prefix}Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  return flag === 'true';
}

/** An empty policy takes a policy away. */
function filterOf(json = '', scope: FilterScope, prefix: string): FilterPolicy {
  try {
    return json === '' ? () => true : parseFilterPolicy(json, scope);
  } catch (error) {
    if (error instanceof FilterPolicyError) {
      throw invalidParameter(`${prefix}FilterPolicy: ${error.message}`);
    }
    throw error;
  }
}
