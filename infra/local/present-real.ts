import { bad, good, indent, strong } from './paint.ts';
import type { Plan, RealRotationResult } from './real-rotation.ts';
import type { Telling } from './telling.ts';

/** What a person must know before a real token rotates. */
export function presentPlan({ gitlabUrl, project, secretName, stateFile, source }: Plan): string {
  const which = {
    environment: 'the token in GITLAB_TOKEN',
    'state file': 'the token that the last run left',
    'unfinished rotation': 'the token whose rotation the last run left unfinished',
  }[source];
  return [
    `This will rotate ${strong(which)}, of project ${project} at ${gitlabUrl}.`,
    strong('The old token dies at once, for everybody who uses it.'),
    `The new one is kept as secret ${secretName} in ${stateFile},`,
    'which only you can read, and nowhere else: keep that file.',
    '',
  ].join('\n');
}

/** What became of it, where the token is now, and what to do on this machine. */
export function presentResult({ outcome, plan, told }: RealRotationResult): string {
  const { secretName, stateFile } = plan;
  const tellings = told.map(presentTelling);
  switch (outcome) {
    case 'succeeded':
      return [
        '',
        `${good('Rotated.')} The new token is under AWSCURRENT of ${secretName} in ${stateFile}.`,
        ...tellings,
      ].join('\n');
    case 'rejected':
      return [
        '',
        `${bad('Not rotated.')} The token in GITLAB_TOKEN did not pass the test, and is not kept.`,
        ...tellings,
        nextStep('Remove the cause, or take another token, and run the same command again.'),
      ].join('\n');
    default:
      return [
        '',
        `${bad(`Rotation ${outcome}.`)} Every token that was kept is in ${stateFile}.`,
        ...tellings,
        nextStep(told.some(({ code }) => NEEDS_TOKEN.has(code)) ? GET_TOKEN : GO_ON),
      ].join('\n');
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

const GET_TOKEN = [
  'Get a living token in GitLab: in the project, Settings, Access tokens. If an active token has',
  'the name of the old one, choose Rotate and copy the new value; else add a token with the scope',
  'self_rotate. Put it into GITLAB_TOKEN and run the same command again. Never send the old token',
  'to a rotate endpoint: GitLab would revoke its living successor.',
].join('\n');

const GO_ON =
  'When the cause is removed, run the same command again: it goes on where this one stopped.';

function nextStep(text: string): string {
  return `\n${strong('What to do')}\n${indent(text)}`;
}

function presentTelling({ happened, affected, facts }: Telling): string {
  const width = Math.max(...Object.keys(facts).map((name) => name.length)) + 2;
  return [
    '',
    strong('What happened'),
    indent(happened),
    '',
    strong('Who is affected'),
    indent(affected),
    '',
    strong('Ids and details'),
    ...Object.entries(facts).map(([name, value]) => indent(`${name.padEnd(width)}${value}`)),
  ].join('\n');
}
