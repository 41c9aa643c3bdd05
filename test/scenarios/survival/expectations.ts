import type { Code } from './code.ts';
import { type Group, keyOf } from './matrix.ts';

/*
 * What must come of every cell of the matrix, for our rotator. The letters are
 * explained in code.ts, the ways in ways.ts and matrix.ts. A cell that ends with
 * a dead token under AWSCURRENT has its reason below.
 */

const CALLS = `
1   createSecret DescribeSecret            rotation on? the version staged?
2   createSecret GetSecretValue            has the version a value?
3   createSecret GetSecretValue 2          the current value
4   createSecret probe                     is its token alive?
5   createSecret PutSecretValue            can the secret be written?
6   createSecret DescribeSecret 2          is it untouched?
7   createSecret probe 2                   the last look
8   createSecret rotate                    what cannot be undone
9   createSecret PutSecretValue 2          the successor is stored
10  testSecret GetSecretValue 3            the pending value
11  testSecret DescribeSecret 3            the schedule
12  testSecret probe 3                     is the pending token alive?
13  finishSecret DescribeSecret 4          which version is current?
14  finishSecret UpdateSecretVersionStage  the label moves

                  1    2    3    4    5    6    7    8    9    10   11   12   13   14
refused           .    .    .    .    .    .    .    .    .    .    .    .    .    .
down              2SU  2SU  2SU  2GU  2SU  2SU  2GU  2GU  2NS  2SU  2SU  2GU  2SU  2NP
reset before      .    .    .    .    .    .    .    2OU  .    .    .    .    .    .
answer lost       .    .    .    .    .    .    .    LSL  .    .    .    .    .    .
answer cut        .    .    .    .    .    .    .    LSL  .    .    .    .    .    .
silent before     .    .    .    .    .    .    .    2OU  .    .    .    .    .    .
silent after      .    .    .    .    .    .    .    LSL  .    .    .    .    .    .
late              .    .    .    .    .    .    .    .    .    .    .    .    .    .
done late         .    .    .    .    .    .    .    LSL  .    .    .    .    .    .
gateway before    .    .    .    .    .    .    .    2OU  .    .    .    .    .    .
gateway after     .    .    .    .    .    .    .    LSL  .    .    .    .    .    .
failing after     .    .    .    .    .    .    .    LSL  .    .    .    .    .    .
failing           2SU  2SU  2SU  2GU  2SU  2SU  2GU  2OU  2NS  2SU  2SU  2GU  2SU  2NP
throttled         .    .    .    .    .    .    .    .    .    .    .    .    .    .
throttled long    2SU  2SU  2SU  2RL  2SU  2SU  2RL  2RL  2NS  2SU  2SU  2RL  2SU  2NP
denied            kSD  kSD  kSD  kRR  kSD  kSD  kRR  kRR  LNS  pSD  pSD  pRR  pSD  pNP
killed before     2    2    2    2    2    2    2    2    LCD  2    2    2    2    2
killed after      2    2    2    2    2    2    2    LCD  2    2    2    2    2    2
timed out before  2    2    2    2    2    2    2    2    LCD  2    2    2    2    2
timed out after   2    2    2    2    2    2    2    LCD  2    2    2    2    2    2
sent twice        -    -    -    .    -    -    .    DCD  -    -    -    .    -    -
overlapped        .    .    .    .    .    .    DPR  .CD  .    .    .    .    .    .
second rotation   .    .    .    .    .    .    .    .    .    .    .    .    .    .
edited by hand    kVS  kVS  kVS  kVS  kVS  u    u    u    u    u    u    u    .    .
replaced by hand  rVS  rVS  rVS  rVS  rVS  r    r    r    r    r    r    r    rNP  r
label taken off   kVS  kVS  kVS  kVS  kVS  .    .    .    u    u    u    u    .    .
`;

const STEPS = `
1  createSecret
2  setSecret
3  testSecret
4  finishSecret

                         1    2    3    4
not invoked              2    2    2    2
result lost              2    2    2    2
delivered twice          .    .    .    .
delivered twice at once  .    .    .    .
`;

const STALE_READS = `
1  createSecret DescribeSecret   5  createSecret GetSecretValue
2  setSecret DescribeSecret      6  setSecret GetSecretValue
3  testSecret DescribeSecret     7  testSecret GetSecretValue
4  finishSecret DescribeSecret   8  finishSecret GetSecretValue

                    1    2    3    4    5    6    7    8
1 reads, 1 behind   .    .    .    .    .    .    .    .
1 reads, 2 behind   .    .    .    .    .    .    .    .
3 reads, 1 behind   .    .    .    .    .    .    .    .
3 reads, 2 behind   .    .    .    .    .    .    .    .
60 reads, 1 behind  kVS  .    .    .    pVS  pVS  pVS  .
60 reads, 2 behind  kNE  pVS  pVS  pVS  pVS  pVS  pVS  .
`;

/* The token lacks its scope, so that there is something to tell. */
const ALERTS = `
1  Publish

                                 1
refused for good, successor lost  L
refused                           kSM
silent                            kSM
reset before                      kSM
answer lost                       kSM
killed before                     kSM
killed after                      kSM
`;

/** Why the best that can come of these cells is still a loss. */
interface Reason {
  readonly cells: (row: string, way: string) => boolean;
  readonly why: string;
}

const LAST_LOOK = 'createSecret probe 2';
const ROTATE = 'createSecret rotate';
const STORE = 'createSecret PutSecretValue 2';
const PERSON = /by hand$|^label taken off$/;

export const REASONS: readonly Reason[] = [
  {
    cells: (row, way) =>
      (row === ROTATE && / after$|^answer (lost|cut)$|^done late$/.test(way)) ||
      (row === STORE && /^(killed|timed out) before$/.test(way)) ||
      way === 'refused for good, successor lost',
    why: 'GitLab shows a new token once, in the answer to the rotate request, and keeps a digest of it. Where nobody reads that answer (GitLab may give it after the function must end), or whoever read it dies before it is written down, the value is nowhere. Asking again would revoke the successor. A client that holds no other credential can only see that the old token is dead, and say so; the successor lives, and a Maintainer can rotate it by its id.',
  },
  {
    cells: (row, way) => row === STORE && way === 'denied',
    why: 'The secret, the one place where the token may be kept, took a write a moment before, and takes none any more, until all attempts have ended. GitLab cannot undo a rotation. The process holds the token for as long as it lives, and would store it in the next attempt. The alert holds the id of the token, by which a Maintainer can rotate it.',
  },
  {
    cells: (row, way) => row === ROTATE && way === 'sent twice',
    why: 'Something between the client and GitLab repeats a POST. The repetition presents a dead token, for which GitLab revokes the successor. The API knows no idempotency key, so nothing in the request could prevent it.',
  },
  {
    cells: (row, way) => row === LAST_LOOK && way === 'overlapped',
    why: 'Two runs of one rotation at the same time: one rotates between the last look of the other and its request, which then presents a dead token. GitLab does not serialise rotations and offers no condition to put on one. A lock would have to be another version of the secret, for which AWS may give the rotation up, or another store; reserved concurrency makes rotations fail (AWS). What is left is one way of a request. Secrets Manager runs the steps one after the other, and none of ours outlives its 60 seconds, so a retry does not meet the run that it repeats.',
  },
  {
    cells: (row, way) => !row.startsWith('createSecret ') && way === 'denied',
    why: 'What is denied for good only a person can allow. A token that could not be tested, or a label that could not be read first, is not made current: a rule of ours, for what is current must be proven. The living token is stored, and the first alert gives the command that makes it current.',
  },
  {
    cells: (_row, way) => PERSON.test(way),
    why: 'AWS gives a rotation up in which somebody changes the secret, takes AWSPENDING off, and does not call the function again. Until the rotate request such a change is seen, but for one probe and the request itself: the probe goes last, because a dead token presented does more harm. After the request the rotation cannot be undone, and a function that went on moving labels would work against the person and against AWS. CloudTrail tells RotationAbandoned; the living token is in the version that the rotation made.',
  },
  {
    cells: (_row, way) => way.startsWith('60 reads'),
    why: 'Secrets Manager hides a value or a label for longer than all attempts last. A token that cannot be read cannot be tested, and what is not tested is not made current. The living token is stored, and the first alert gives the command that makes it current.',
  },
];

/** What must come of each cell, by its key. */
export const EXPECTED: ReadonlyMap<string, Code> = new Map([
  ...cellsIn('calls', CALLS),
  ...cellsIn('steps', STEPS),
  ...cellsIn('stale reads', STALE_READS),
  ...cellsIn('alerts', ALERTS),
]);

/** Reads a table: numbered columns, an empty line, and a line per way. */
function cellsIn(group: Group, table: string): [string, Code][] {
  const [columns = '', grid = ''] = table.trim().split('\n\n');
  const names = new Map(
    [...columns.matchAll(/(\d+) {2,}(\w+(?: \w+(?: \d)?)?)/g)].map(([, number, name]) => [
      number,
      name,
    ]),
  );
  const [head = '', ...lines] = grid.split('\n');
  const numbers = head.trim().split(/ +/);
  return lines.flatMap((line) => {
    const [way = '', ...codes] = line.split(/ {2,}/);
    return codes.flatMap((code, index): [string, Code][] => {
      const row = names.get(numbers[index]) ?? '';
      return code === '-' ? [] : [[keyOf({ group, row, way }), code]];
    });
  });
}
