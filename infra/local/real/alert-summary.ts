import type { Alert } from '../cloud/cloud.ts';

/** An alert without its advice, which is for a secret on AWS. */
export interface AlertSummary {
  /** Of the failure, or of the notice. */
  readonly code: string;
  readonly happened: string;
  readonly affected: string;
  /** Ids and details by name: what leads to something on this machine, or at GitLab. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What these lead to exists on AWS only, and so not here. */
const AWS_IDS: ReadonlySet<string> = new Set(['secretArn', 'functionName', 'region', 'requestId']);

const MAIL =
  /^WHAT HAPPENED\n\n(?<happened>.*?)\n\nWHO IS AFFECTED\n\n(?<affected>.*?)\n\nWHAT TO DO\n.*^IDS AND DETAILS\n\n(?<facts>.*)/ms;

/** Reads the mail of an alert, as a person would who has no AWS. */
export function summaryOf({ email }: Alert): AlertSummary {
  const { happened = '', affected = '', facts: lines = '' } = MAIL.exec(email)?.groups ?? {};
  const facts = Object.fromEntries(
    lines.split('\n').flatMap((line) => {
      const [, name = '', value = ''] = /^(\S+) +(.*)$/.exec(line) ?? [];
      return name === '' || AWS_IDS.has(name) ? [] : [[name, value] as const];
    }),
  );
  return { code: facts['code'] ?? '', happened, affected, facts };
}
