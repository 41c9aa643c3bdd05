import type { Entry } from './code.ts';
import { keyOf } from './matrix.ts';
import type { SetupName } from './setups.ts';
import {
  type ColumnLine,
  cellsIn,
  columnLinesIn,
  entryFor,
  lineFor,
  type TableCell,
} from './tables.ts';

/*
 * What must come of every cell of the matrix, for our rotator. The letters are
 * explained in code.ts, the ways in ways.ts, steps.ts and matrix.ts. What the
 * letters mean in every column stands in the last table. A cell that ends with a
 * dead token under AWSCURRENT has its reason at the end.
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
throttled                3    3    3    3
throttled for good       k    p    p    p
killed before            2    2    2    2
killed after             2    2    2    2
timed out before         2    2    2    2
timed out after          2    2    2    2
result lost              2    2    2    2
delivered twice          .    .    .    .
delivered twice at once  .    .    .    .
second rotation before   .    .    .    .
edited by hand before    u    u    u    .
replaced by hand before  u    r    r    .
label taken off before   kVS  u    uVS  uVS
second rotation after    .    .    .    .
edited by hand after     u    u    u    .
replaced by hand after   r    r    r    r
label taken off after    u    u    u    .
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

/*
 * ended    how AWS says that the rotation ended
 * sent     rotate requests that we sent
 * dead     of these, those with a dead token
 * again    those with a dead token that something between sent again
 * killed   successors that reuse detection revoked
 * orphans  living tokens that no version holds
 * failed   invocations that failed
 * told     every alert: its failure (* for the one in the letters), and its risk:
 *          ! consumers, ? unknown, nothing for none
 *
 * The last line that fits a cell holds.
 */
const COLUMNS = `
letters          where                                                  ended      sent  dead  again  killed  orphans  failed  told
.                * / *                                                  succeeded  1     0     0      0       0        0       -
.                createSecret rotate / throttled                        succeeded  2     0     0      0       0        0       -
.                createSecret / delivered twice at once                 succeeded  2     0     0      0       0        0       -
.                finishSecret UpdateSecretVersionStage / second*        succeeded  2     0     0      0       0        0       -
.                finishSecret / second rotation after                   succeeded  2     0     0      0       0        0       -
.                finishSecret* / {edited,replaced} by hand*             abandoned  1     0     0      0       0        0       -
2                * / *                                                  succeeded  1     0     0      0       0        1       -
2                createSecret rotate / {killed,timed out} before        succeeded  2     0     0      0       0        1       -
2                {create,set,test,finish}Secret / {not,result}*         succeeded  1     0     0      0       0        0       -
2                {create,set,test,finish}Secret / {killed,timed}* after  succeeded  1     0     0      0       0        0       -
3                * / throttled                                          succeeded  1     0     0      0       0        0       -
2SU 2GU 2RL 2NP  * / *                                                  succeeded  1     0     0      0       0        1       *!
2SU 2GU 2RL      createSecret* / *                                      succeeded  1     0     0      0       0        1       *
2RL              createSecret rotate / throttled long                   succeeded  8     0     0      0       0        1       *
2NS              createSecret PutSecretValue 2 / *                      succeeded  1     0     0      0       0        1       *!
2OU              createSecret rotate / *                                succeeded  2     0     0      0       0        1       *?
.CD              createSecret rotate / overlapped                       succeeded  1     0     0      0       0        1       *!
k                createSecret / throttled for good                      failed     0     0     0      0       0        0       -
kSD kRR kVS kNE  createSecret* / *                                      failed     0     0     0      0       0        3       * * *
kRR              createSecret rotate / denied                           failed     3     0     0      0       0        3       * * *
kVS rVS          createSecret* / {edited,replaced,label}*               abandoned  0     0     0      0       0        1       *
kSM              Publish / *                                            failed     0     0     0      0       0        3       * * *
kSM              Publish / {refused,killed before}                      failed     0     0     0      0       0        3       * *
kSM              Publish / answer lost                                  failed     0     0     0      0       0        3       * * * *
rNP              finishSecret* / replaced by hand                       abandoned  1     0     0      0       0        1       *
r u              * / *                                                  abandoned  1     0     0      0       0        0       -
uVS              * / label taken off before                             abandoned  1     0     0      0       0        1       *!
p                * / throttled for good                                 failed     1     0     0      0       0        0       -
pSD pVS          * / *                                                  failed     1     0     0      0       0        3       *! * *
pVS              * GetSecretValue / *                                   failed     1     0     0      0       0        3       *! CD! CD!
pRR pNP          * / denied                                             failed     1     0     0      0       0        3       *! *! *!
LSL              * / *                                                  failed     1     0     0      0       1        3       *! CD! CD!
LNS              * / denied                                             failed     1     0     0      0       1        3       *! *! *!
LCD              * / {killed,timed out}*                                failed     1     0     0      0       1        3       *! *!
L                Publish / refused for good, successor lost             failed     1     0     0      0       1        3       -
DPR              createSecret probe 2 / overlapped                      failed     2     1     0      1       0        3       *! *! *!
DCD              createSecret rotate / sent twice                       failed     1     0     1      1       0        3       *! *! *!
`;

/** Why the best that can come of these cells is still a loss. */
interface Reason {
  readonly cells: (row: string, way: string) => boolean;
  readonly why: string;
}

const LAST_LOOK = 'createSecret probe 2';
const ROTATE = 'createSecret rotate';
const STORE = 'createSecret PutSecretValue 2';
const PERSON = /by hand|^label taken off/;

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
    why: 'Something between the client and GitLab repeats a POST. The second request is not ours: we sent one, with a living token. It presents the token that the first has killed, for which GitLab revokes the successor. The API knows no idempotency key, so nothing in the request could prevent it.',
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
    cells: (_row, way) => way === 'throttled for good',
    why: 'Lambda runs the function for createSecret and, in no attempt, ever again: no code of ours runs that could finish the rotation, or say so. The living token is stored. Only CloudTrail tells (RotationFailed).',
  },
  {
    cells: (_row, way) => PERSON.test(way),
    why: 'AWS gives a rotation up in which somebody changes the secret, takes AWSPENDING off, and does not call the function again. Until the rotate request such a change is seen, but for one probe and the request itself: the probe goes last, because a dead token presented does more harm. After the request the rotation cannot be undone, and a function that went on moving labels would work against the person and against AWS. CloudTrail tells RotationAbandoned; the living token is in the version that the rotation made. A change that comes after the start of the rotation and before the function first looks is not seen at all: the calls that AWS allows a rotation function do not say when the pending version was made.',
  },
  {
    cells: (_row, way) => way.startsWith('60 reads'),
    why: 'Secrets Manager hides a value or a label for longer than all attempts last. A token that cannot be read cannot be tested, and what is not tested is not made current. The living token is stored, and the first alert gives the command that makes it current.',
  },
];

const CELLS = [
  ...cellsIn('calls', CALLS),
  ...cellsIn('steps', STEPS),
  ...cellsIn('stale reads', STALE_READS),
  ...cellsIn('alerts', ALERTS),
];
const LINES = columnLinesIn(COLUMNS);

/** What must come of each cell of our rotator, by its key. */
export const EXPECTED: Readonly<
  Record<Exclude<SetupName, 'textbook'>, ReadonlyMap<string, Partial<Entry>>>
> = {
  'one token': expected(CELLS),
  'one token, recovery': expected([]),
  'two tokens': expected([]),
  'two tokens, recovery': expected([]),
};

function expected(cells: readonly TableCell[]): ReadonlyMap<string, Partial<Entry>> {
  return new Map(cells.map((cell) => [keyOf(cell), entryFor(LINES, cell)]));
}

/** Lines of the table of columns by which no cell goes. */
export const IDLE_LINES: readonly ColumnLine[] = LINES.filter(
  (line) => !CELLS.some((cell) => lineFor(LINES, cell) === line),
);
