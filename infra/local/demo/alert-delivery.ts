import type { Cloud } from '../cloud/cloud.ts';
import type { AlertDelivery } from './report.ts';

/** Counts what subscribers of the topic did not learn from it. */
export function alertDeliveryOf({ sns, lambda }: Cloud): AlertDelivery {
  const publishes = sns.calls.filter(({ operation }) => operation === 'Publish');
  return {
    published: publishes.length,
    refused: publishes.filter(({ status }) => status !== 200).length,
    logged: lambda.logs.filter(({ raw }) => raw.includes('"alert not published"')).length,
    stopped: lambda.invocations.filter(({ outcome }) => STOPPED.has(outcome)).length,
  };
}

/** A killed process, and one that ran out of time: neither runs the function's last words. */
const STOPPED: ReadonlySet<string> = new Set(['failure', 'timeout']);
