import type { Cloud } from '../cloud.ts';

/** What failed invocations could not say, and where it is told nevertheless. */
export interface Untold {
  /** Messages that SNS was asked to take. */
  readonly published: number;
  /** Those of them that it did not take. */
  readonly refused: number;
  /** How often the function's log says `alert not published`, after the failure itself. */
  readonly logged: number;
  /** Invocations that were stopped before they could say anything. */
  readonly stopped: number;
}

/** Counts what subscribers of the topic did not learn from it. */
export function untoldOf({ sns, lambda }: Cloud): Untold {
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
