import { beside, outputWidth, paragraph, wrap } from '../../terminal/layout.ts';
import { bad, good, strong } from '../../terminal/paint.ts';
import type { AlertSummary } from './alert-summary.ts';
import type { Plan, RealRotationResult } from './real-rotation.ts';

/** What a person must know before a real token rotates. */
export function presentPlan(
  { gitlabUrl, project, secretName, stateFile, source }: Plan,
  width = outputWidth(),
): string {
  const which = {
    environment: 'the token in GITLAB_TOKEN',
    'state file': 'the token that the last run left',
    'unfinished rotation': 'the token whose rotation the last run left unfinished',
  }[source];
  const kept = `The new one is kept as secret ${secretName} in ${stateFile}, which only you can read, and nowhere else: keep that file.`;
  return [
    ...wrap(`This will rotate ${which}, of project ${project} at ${gitlabUrl}.`, width),
    ...wrap('GitLab revokes the old token at once, for everybody who uses it.', width).map(strong),
    ...wrap(kept, width),
    '',
  ].join('\n');
}

/** What became of it, where the token is now, and what to do on this machine. */
export function presentResult(
  { outcome, plan, alerts }: RealRotationResult,
  width = outputWidth(),
): string {
  const { secretName, stateFile } = plan;
  const result = (paint: (text: string) => string, head: string, text: string) => {
    const [first = '', ...more] = wrap(`${head} ${text}`, width);
    return ['', first.replace(head, paint(head)), ...more];
  };
  const summaries = alerts.flatMap((summary) => presentSummary(summary, width));
  switch (outcome) {
    case 'succeeded': {
      const where = `The new token is under AWSCURRENT of ${secretName} in ${stateFile}.`;
      return [...result(good, 'Rotated.', where), ...summaries].join('\n');
    }
    case 'rejected': {
      const what = 'The token in GITLAB_TOKEN did not pass the test, and is not kept.';
      return [
        ...result(bad, 'Not rotated.', what),
        ...summaries,
        ...section(
          'What to do',
          'Remove the cause, or take another token, and run the same command again.',
          width,
        ),
      ].join('\n');
    }
    default: {
      const where = `Every token that was kept is in ${stateFile}.`;
      const needsToken = alerts.some(({ code }) => NEEDS_TOKEN.has(code));
      return [
        ...result(bad, `Rotation ${outcome}.`, where),
        ...summaries,
        ...section('What to do', needsToken ? GET_TOKEN : GO_ON, width),
      ].join('\n');
    }
  }
}

/** The codes after which no later run can get any further with what is kept. */
const NEEDS_TOKEN: ReadonlySet<string> = new Set([
  'CURRENT_TOKEN_DEAD',
  'PENDING_TOKEN_REJECTED',
  'SCOPE_MISSING',
  'SUCCESSOR_LOST',
  'SUCCESSOR_NOT_STORED',
]);

const GET_TOKEN =
  'Get an active token in GitLab: in the project, Settings, Access tokens. If an active token has ' +
  'the name of the old one, choose Rotate and copy the new value; else add a token with the scope ' +
  'self_rotate. Put it into GITLAB_TOKEN and run the same command again. Never send the old token ' +
  'to a rotate endpoint: GitLab would revoke its active successor.';

const GO_ON =
  'When the cause is removed, run the same command again: it goes on where this one stopped.';

function section(heading: string, text: string, width: number): readonly string[] {
  return ['', strong(heading), ...paragraph(`  ${text}`, width)];
}

function presentSummary(
  { happened, affected, facts }: AlertSummary,
  width: number,
): readonly string[] {
  const nameWidth = Math.max(...Object.keys(facts).map((name) => name.length)) + 2;
  return [
    ...section('What happened', happened, width),
    ...section('Who is affected', affected, width),
    '',
    strong('Ids and details'),
    ...Object.entries(facts).flatMap(([name, value]) =>
      beside(`  ${name.padEnd(nameWidth)}`, value, width),
    ),
  ];
}
