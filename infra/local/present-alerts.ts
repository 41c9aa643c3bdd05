import { bad, indent, strong } from './paint.ts';
import type { Alert } from './report.ts';
import type { Untold } from './untold.ts';

/** Who does not learn of a failure from the topic, and by which road it is told. */
export function presentUntold(untold: Untold): string[] {
  return [...refusedLines(untold), ...stoppedLines(untold)];
}

function refusedLines({ published, refused, logged }: Untold): string[] {
  if (refused === 0) {
    return [];
  }
  const reached = refused === published ? 'No alert reached anybody' : 'Not every alert was sent';
  return [
    '',
    bad(`${reached}: SNS refused ${refused} of ${published}`),
    `  The failure stands in the function's log; "alert not published" after it: ${logged}`,
  ];
}

function stoppedLines({ stopped }: Untold): string[] {
  return stopped === 0
    ? []
    : [
        '',
        bad(`Invocations that were stopped, and from which no message came: ${stopped}`),
        "  On AWS the alarm on the function's errors tells of them",
      ];
}

/** Every failed attempt is told; the same failure is shown once. */
export function presentAlerts(alerts: readonly Alert[]): string[] {
  const distinct = new Map(alerts.map((alert) => [alert.subject, alert]));
  return [...distinct.values()].map(presentAlert);
}

function presentAlert({ subject, email, chat }: Alert): string {
  return [
    '',
    strong('Alert, as a mail reader sees it'),
    indent(`Subject: ${subject}`),
    '',
    indent(email),
    '',
    strong('The same alert, as a chat shows it'),
    indent(presentChat(chat)),
  ].join('\n');
}

function presentChat(chat: string): string {
  const { content } = JSON.parse(chat) as {
    content: { title: string; description: string; nextSteps?: readonly string[] };
  };
  return [content.title, '', content.description, '', ...(content.nextSteps ?? [])].join('\n');
}
