import { paragraph, wrap } from '../../terminal/layout.ts';
import { bad, faint, indent, strong } from '../../terminal/paint.ts';
import type { Alert } from '../cloud/cloud.ts';
import type { AlertDelivery } from '../demo/report.ts';

/** Which failures the topic did not report, and where they are reported instead. */
export function presentAlertDelivery(delivery: AlertDelivery, width: number): readonly string[] {
  return [refusal(delivery), stop(delivery)]
    .filter((notice) => notice !== undefined)
    .flatMap(({ what, road }) => [
      '',
      ...wrap(what, width).map(bad),
      ...paragraph(`  ${road}`, width),
    ]);
}

function refusal({ published, refused, logged }: AlertDelivery) {
  const reached = refused === published ? 'No alert reached anybody' : 'Not every alert was sent';
  return refused === 0
    ? undefined
    : {
        what: `${reached}: SNS refused ${refused} of ${published}`,
        road: `The function's log has each, with "alert not published" after it: ${logged}`,
      };
}

function stop({ stopped }: AlertDelivery) {
  return stopped === 0
    ? undefined
    : {
        what: `Invocations that were stopped, and from which no message came: ${stopped}`,
        road: "On AWS the alarm on the function's errors tells of them",
      };
}

/** With the rest of the report, what a terminal shows at once. */
const MAIL_LINES = 12;

/** The beginning of the last mail: what happened, who is affected, and what to do first. */
export function presentLastAlert(alerts: readonly Alert[], width: number): readonly string[] {
  const last = alerts.at(-1);
  if (last === undefined) {
    return [];
  }
  const earlier = distinct(alerts).length > 1 ? ', the alerts before it' : '';
  const more = `Add --verbose for the whole mail${earlier}, chat and calls`;
  return [
    '',
    strong('Alert, as a mail reader sees it'),
    ...paragraph(`  Subject: ${last.subject}`, width),
    ...beginning(last.email, width).map(indent),
    '',
    ...wrap(more, width).map(faint),
  ];
}

/** As many whole paragraphs as there is room for, and a mark where more follow; the title is in the subject. */
function beginning(email: string, width: number): readonly string[] {
  const [, ...paragraphs] = email
    .replace(/^([A-Z ]+)\n\n/gm, '$1\n')
    .split(/\n\n+/)
    .map((text) => ['', ...text.split('\n').flatMap((line) => paragraph(line, width - 2))]);
  const count = paragraphs.findIndex(
    (_, index) => paragraphs.slice(0, index + 1).flat().length > MAIL_LINES,
  );
  return count === -1 ? paragraphs.flat() : [...paragraphs.slice(0, count).flat(), '…'];
}

/** Every failed attempt sends an alert; equal ones are shown once. */
export function presentAlerts(alerts: readonly Alert[]): string[] {
  return distinct(alerts).map(presentAlert);
}

function distinct(alerts: readonly Alert[]): readonly Alert[] {
  return [...new Map(alerts.map((alert) => [alert.subject, alert])).values()];
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
