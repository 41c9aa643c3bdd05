import type { Details, FailureCode, NoticeCode, Step } from '../failure.ts';
import { type Commands, commandsFor, readVersionId } from './advice-commands.ts';

/** What an advice is asked about. */
export interface About {
  readonly code: FailureCode | NoticeCode;
  readonly details: Details;
  readonly step?: Step;
  /** An ARN. */
  readonly secretId?: string;
  readonly versionId?: string;
  /** Lambda's. */
  readonly requestId?: string;
  readonly functionName?: string;
  readonly region?: string;
}

/** One thing to do: a sentence or two, and the commands that do it, one a line. */
export interface Action {
  readonly text: string;
  readonly commands?: readonly string[];
}

/** What a failure means on its own, whichever step it struck. */
export interface Cause {
  readonly happened: string;
  /** Where the risk alone does not say it. */
  readonly affected?: string;
  readonly fix: readonly Action[];
  /**
   * How the fix ends where nothing was rotated: let it run again, settle a value
   * that was put by hand, or nothing.
   */
  readonly next: 'retry' | 'settle' | 'nothing';
}

/** What a cause is told from. */
export interface CauseInput {
  readonly about: About;
  readonly commands: Commands;
}

/** One entry of the list of causes. */
export type CauseOf = (input: CauseInput) => Cause;

/** Spares an entry without commands an empty list. */
export function action(text: string, ...commands: readonly string[]): Action {
  return { text, ...(commands.length > 0 && { commands }) };
}

/** The commands are built once, whichever of them an advice takes. */
export function inputOf(about: About): CauseInput {
  return { about, commands: commandsFor(about) };
}

/** The version that the rotation makes, as a sentence names it. */
export function versionName({ versionId }: About): string {
  const known = readVersionId(versionId);
  return known === undefined ? 'the pending version' : `version ${known}`;
}

/** A detail that is a word of ours or of AWS: letters, digits, hyphens. */
export function wordOf(details: Details, key: string): string | undefined {
  const word = details[key];
  return typeof word === 'string' && /^[A-Za-z][\w-]{0,63}$/.test(word) ? word : undefined;
}

/** Lets the rotation run again, also where a previous one blocks it. */
export function retryActions({ about, commands }: CauseInput): readonly Action[] {
  return [
    action(
      'Secrets Manager will try again by itself. To start a rotation yourself:',
      commands.rotate,
    ),
    ...unblock(
      `If AWS refuses because a previous rotation is not complete, see whether ${versionName(about)} has a value.`,
      { about, commands },
    ),
  ];
}

/** After a value was put by hand: the version of the failed rotation may still be open. */
export function settleActions({ about, commands }: CauseInput): readonly Action[] {
  return [
    action('See which version holds which label now.', commands.labels),
    ...unblock(
      `If ${versionName(about)} still holds AWSPENDING, see whether it has a value. If none does, only rotate-secret is left to do.`,
      { about, commands },
    ),
  ];
}

function unblock(text: string, { about, commands }: CauseInput): readonly Action[] {
  return [
    action(text, commands.hasValue),
    action(
      'If the answer is ResourceNotFoundException, and still so a minute later, the version is empty. Take its label off and rotate.',
      commands.dropPending,
      commands.rotate,
    ),
    action(
      `If the answer is the id, ${versionName(about)} holds a living token, perhaps the only one. Do not take its label off: make it current.`,
      commands.findCurrent,
      commands.promote(undefined),
    ),
  ];
}

/** Makes the pending version current, from the version that is known to be so or found first. */
export function promoteCommands({ about, commands }: CauseInput): readonly string[] {
  const from = readVersionId(about.details['currentVersionId']);
  return from === undefined
    ? [commands.findCurrent, commands.promote(undefined)]
    : [commands.promote(from)];
}

/**
 * What to try first with a successor that one process still has: the next try stores it, but for
 * where the version to make is taken by a dead token of another run (`details.takenByDead`).
 */
export function storeLaterActions({ about, commands }: CauseInput): readonly Action[] {
  return about.details['takenByDead'] === true
    ? [
        action(
          `Another run has stored a token in ${versionName(about)} that GitLab does not accept. Take its label off, and rotate: if the next rotation meets the same process, it stores the new token.`,
          commands.dropPending,
          commands.rotate,
        ),
      ]
    : [action('Wait for the next try: it may store the token, and then nothing is to do.')];
}

/** How a command that waits for a token is used. */
export const NEVER_IN_HISTORY =
  'Paste the command alone; it then waits, unseen, for the token and Enter, and the token stays out of the shell history.';

/** Puts a token into the secret by hand, whichever shape the secret has. */
export function putActions({ commands }: CauseInput): readonly Action[] {
  return [
    action(
      `Put the token into a secret that is a JSON object (needs jq; the field that TOKEN_FIELD names goes in place of .token). ${NEVER_IN_HISTORY}`,
      commands.putJson,
    ),
    action('Or into a secret that is the bare token, in the same way.', commands.putPlain),
  ];
}

/** Puts a standby token by hand; it lives in JSON secrets only. */
export function putStandbyAction({ commands }: CauseInput): Action {
  return action(
    `Put the token into the secret as its standby (needs jq). ${NEVER_IN_HISTORY}`,
    commands.putStandby,
  );
}

/** Puts whichever of two tokens a failure is about. */
export function putAgainActions(input: CauseInput, isStandby: boolean): readonly Action[] {
  return isStandby ? [putStandbyAction(input)] : putActions(input);
}

/** Who is hurt while the current of two tokens lives. */
export const SERVED =
  'Nobody now: GitLab accepts the token in AWSCURRENT. But the next rotation needs a living standby token.';

/** Who is hurt by a token that is going to expire. */
export const EXPIRY_AFFECTS =
  'Nobody yet. From the day that the token expires, everybody who has it from this secret.';

/** That a token does not live until its next rotation, with the days as far as they are known. */
export function expiryText(details: Details): string {
  const expires = dayOf(details['expiresAt']);
  const next = dayOf(details['nextRotation']);
  const when = expires === undefined ? 'too soon' : `on ${expires} at 00:00 UTC`;
  const rotation = next === undefined ? 'its next rotation' : `its next rotation on ${next}`;
  return `The ${tokenName(details)} expires ${when}, and so does not live until ${rotation} is through. An expired token cannot rotate itself.`;
}

/** Which of two tokens a finding is about. */
export function tokenName(details: Details): string {
  return details['standby'] === true ? 'standby token' : 'token';
}

/** `YYYY-MM-DD`, where it is one. */
export function dayOf(day: Details[string] | undefined): string | undefined {
  return typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : undefined;
}
