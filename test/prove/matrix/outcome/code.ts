import { beside } from '../../../../infra/terminal/layout.ts';
import type { Mending, Outcome, State, Told } from './outcome.ts';

/** What came of a cell, in a few letters. */
export type Code = string;

const STATES: Readonly<Record<Exclude<State, 'rotated'>, string>> = {
  kept: 'k',
  replaced: 'r',
  pending: 'p',
  unlabelled: 'u',
  lost: 'L',
  killed: 'D',
};

const MENDINGS: Readonly<Record<Mending, string>> = {
  'by the next rotation': '+',
  'once unblocked': '=',
  not: '',
};

/** The failure that was told first, in two letters. */
const FAILURES: Readonly<Record<string, string>> = {
  STORE_UNAVAILABLE: 'SU',
  STORE_DENIED: 'SD',
  GITLAB_UNREACHABLE: 'GU',
  GITLAB_RATE_LIMITED: 'RL',
  ROTATION_REFUSED: 'RR',
  ROTATION_OUTCOME_UNKNOWN: 'OU',
  SUCCESSOR_LOST: 'SL',
  SUCCESSOR_NOT_STORED: 'NS',
  CURRENT_TOKEN_DEAD: 'CD',
  VERSION_NOT_STAGED: 'VS',
  ROTATION_NOT_ENABLED: 'NE',
  NOT_PROMOTED: 'NP',
  SCOPE_MISSING: 'SM',
  STANDBY_DEAD: 'TD',
  STANDBY_LOST: 'TL',
  HEALED: 'HE',
  EXPIRES_TOO_SOON: 'EX',
  PENDING_TOKEN_REJECTED: 'PR',
};

const MEANINGS: Readonly<Record<string, string>> = {
  '.': 'rotated in the first attempt',
  '2': 'in the second; 3: in the third',
  k: 'not rotated, nothing lost',
  r: 'the token that somebody put',
  p: 'dead for consumers; the active token is under AWSPENDING',
  u: 'dead for consumers; the active token is in a version without a label',
  L: 'dead for consumers; a successor lives, and nobody has its value',
  D: 'every token is dead',
  '+': 'the next rotation mends it',
  '=': 'so it does once a person has unblocked it',
  '-': 'before p, u, L, D: the same of the standby, while consumers have an active token',
};

/** What the letters mean. */
export function legend(width: number): string {
  return [
    ...Object.entries(MEANINGS).flatMap(([letter, text]) => beside(`${letter}   `, text, width)),
    'two letters: what was told first',
    ...Object.entries(FAILURES).map(([name, short]) => `  ${short}  ${name}`),
  ].join('\n');
}

/** Where `AWSCURRENT` holds a dead token in the end. */
export function isLoss(code: Code): boolean {
  return /^[puLD]/.test(code);
}

export function codeOf(outcome: Outcome): Code {
  const { state, attempts, standby = 'active', mended, alerts } = outcome;
  const [first] = alerts;
  const told = first === undefined ? '' : (FAILURES[first.code] ?? first.code);
  const letter = state === 'rotated' ? (attempts === 1 ? '.' : String(attempts)) : STATES[state];
  const second = standby === 'active' || isLoss(letter) ? '' : `-${STATES[standby]}`;
  return `${letter}${second}${mended === undefined ? '' : MENDINGS[mended]}${told}`;
}

/** What was told first, in two letters; empty where nothing was. */
export function firstTold(code: Code): string {
  return /[A-Z]{2}$/.exec(code)?.[0] ?? '';
}

/** What came of a cell in every column. */
export interface Entry {
  readonly code: Code;
  /** How the rotation ended, as AWS says it. */
  readonly ended: string;
  /** Rotate requests of ours; of these, those with a dead token; those that something between sent. */
  readonly sent: number;
  readonly dead: number;
  readonly again: number;
  readonly killed: number;
  readonly orphans: number;
  readonly failed: number;
  /** Every alert in two letters, and the mark of its risk. */
  readonly told: string;
}

export function entryOf(outcome: Outcome): Entry {
  const { rotation, rotateRequests, deadPresented, deadRepeated, failures, alerts } = outcome;
  return {
    code: codeOf(outcome),
    ended: rotation,
    sent: rotateRequests,
    dead: deadPresented,
    again: deadRepeated,
    killed: outcome.killed,
    orphans: outcome.orphans,
    failed: failures,
    told: alerts.length === 0 ? '-' : alerts.map(wordOf).join(' '),
  };
}

const RISKS: Readonly<Record<string, string>> = { none: '', consumers: '!', unknown: '?' };

function wordOf({ code, risk }: Told): string {
  return `${FAILURES[code] ?? code}${RISKS[risk] ?? risk}`;
}
