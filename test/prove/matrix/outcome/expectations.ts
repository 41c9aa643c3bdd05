import { type OurSetupName, SETUPS, type SetupName } from '../../../rig/stage/setups.ts';
import { keyOf } from '../cells/cell.ts';
import type { Entry } from './code.ts';
import {
  type ColumnLine,
  cellsIn,
  columnLinesIn,
  entryFor,
  lineFor,
  outageLinesIn,
  type TableCell,
} from './tables.ts';

/*
 * What must come of every cell of the matrix, for our rotator. The letters are
 * explained in code.ts, the ways in ways.ts, steps.ts and matrix.ts. What the
 * letters mean in every column stands in the last table. A cell that ends with a
 * dead token under AWSCURRENT has its reason at the end.
 */

const ONE_CALLS = `
1   createSecret DescribeSecret              rotation on? the version staged?
2   createSecret GetSecretValue              has the version a value?
3   createSecret GetSecretValue 2            the current value
4   createSecret probe                       is its token active?
5   createSecret PutSecretValue              can the secret be written?
6   createSecret DescribeSecret 2            is it untouched?
7   createSecret probe 2                     the last look
8   createSecret rotate                      what cannot be undone
9   createSecret PutSecretValue 2            the successor is stored
10  testSecret GetSecretValue 3              the pending value
11  testSecret GetSecretValue 4              is it the dry run?
12  testSecret probe 3                       is the pending token active?
13  finishSecret GetSecretValue 5            the pending value, read beside the labels
14  finishSecret DescribeSecret 3            which version is current?
15  finishSecret UpdateSecretVersionStage    the label moves

                  1    2    3    4    5    6    7    8    9     10   11   12   13   14   15
refused           .    .    .    .    .    .    .    .    .     .    .    .    .    .    .
down              2SU  2SU  2SU  2GU  2SU  2SU  2GU  2GU  2NS   2SU  2SU  2GU  2SU  2SU  2NP
reset before      .    .    .    .    .    .    .    2OU  .     .    .    .    .    .    .
answer lost       .    .    .    .    .    .    .    LSL  .     .    .    .    .    .    .
answer cut        .    .    .    .    .    .    .    LSL  .     .    .    .    .    .    .
silent before     .    .    .    .    .    .    .    2OU  .     .    .    .    .    .    .
silent after      .    .    .    .    .    .    .    LSL  .     .    .    .    .    .    .
late              .    .    .    .    .    .    .    .    .     .    .    .    .    .    .
done late         .    .    .    .    .    .    .    LSL  .     .    .    .    .    .    .
gateway before    .    .    .    .    .    .    .    2OU  .     .    .    .    .    .    .
gateway after     .    .    .    .    .    .    .    LSL  .     .    .    .    .    .    .
failing after     .    .    .    .    .    .    .    LSL  .     .    .    .    .    .    .
failing           2SU  2SU  2SU  2GU  2SU  2SU  2GU  2OU  2NS   2SU  .    2GU  .    2SU  2NP
throttled         .    .    .    .    .    .    .    .    .     .    .    .    .    .    .
throttled long    2SU  2SU  2SU  2RL  2SU  2SU  2RL  2RL  2NS   2SU  .    2RL  .    2SU  2NP
denied            kSD  kSD  kSD  kRR  kSD  kSD  kRR  kRR  L=NS  pSD  .    pRR  .    pSD  pNP
killed before     2    2    2    2    2    2    2    2    LCD   2    2    2    2    2    2
killed after      2    2    2    2    2    2    2    LCD  2     2    2    2    2    2    2
timed out after   2    2    2    2    2    2    2    LCD  2     2    2    2    2    2    2
sent twice        -    -    -    .    -    -    .    DCD  -     -    -    .    -    -    -
overlapped        .    .    .    .    .    .    DCD  .CD  .     .    .    .    .    .    .
second rotation   .    .    .    .    .    .    .    .    .     .    .    .    -    .    .
edited by hand    kVS  kVS  kVS  kVS  kVS  u+   u+   u+   u+    u+   u+   u+   -    .    .
replaced by hand  rVS  rVS  rVS  rVS  rVS  r    r    r    r     r    r    r    -    rNP  r
label taken off   kVS  kVS  kVS  kVS  kVS  .    .    .    u+    u+   u+   u+   -    .    .
second request    -    -    -    -    -    -    -    DCD  DCD   DCD  DCD  DCD  DCD  DCD  DCD
`;

const ONE_STEPS = `
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
edited by hand before    u+   u+   u+   .
replaced by hand before  u+   r    r    .
label taken off before   kVS  u+   u+VS  u+VS
second rotation after    .    .    .    .
edited by hand after     u+   u+   u+   .
replaced by hand after   r    r    r    r
label taken off after    u+   u+   u+   .
second request after     DCD  DCD  DCD  DCD
`;

const ONE_STALE_READS = `
1  createSecret DescribeSecret   5  createSecret GetSecretValue
2  setSecret DescribeSecret      6  setSecret GetSecretValue
3  testSecret DescribeSecret     7  testSecret GetSecretValue
4  finishSecret DescribeSecret   8  finishSecret GetSecretValue

                    1    2    3    4    5    6    7    8
3 reads, 1 behind   .    .    .    .    .    .    .    .
3 reads, 2 behind   .    .    .    .    .    .    .    .
60 reads, 1 behind  kVS  .    .    .    pVS  pVS  pVS  .
60 reads, 2 behind  kNE  pVS  pVS  pVS  pVS  pVS  pVS  .
`;

/* The token lacks its scope, so that there is something to tell. */
const ONE_ALERTS = `
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
 * orphans  active tokens that no version holds
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
.                finishSecret {UpdateSecretVersionStage,probe 6} / second rot*        succeeded  2     0     0      0       0        0       -
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
r u+             * / *                                                  abandoned  1     0     0      0       0        0       -
u+VS             * / label taken off before                             abandoned  1     0     0      0       0        1       *!
p                * / throttled for good                                 failed     1     0     0      0       0        0       -
pSD pVS          * / *                                                  failed     1     0     0      0       0        3       *! * *
pVS              * GetSecretValue / *                                   failed     1     0     0      0       0        3       *! *! *!
pSD              testSecret GetSecretValue* / *                             failed     1     0     0      0       0        3       *! *! *!
pRR pNP          * / denied                                             failed     1     0     0      0       0        3       *! *! *!
LSL              * / *                                                  failed     1     0     0      0       1        3       *! CD! CD!
L=NS             * / denied                                             failed     1     0     0      0       1        3       *! *! *!
LCD              * / {killed,timed out}*                                failed     1     0     0      0       1        3       *! *!
L                Publish / refused for good, successor lost             failed     1     0     0      0       1        3       -
DCD              createSecret probe 2 / overlapped                      failed     2     1     0      1       0        3       *! PR! PR!
DCD              createSecret rotate / sent twice                       failed     1     0     1      1       0        3       *! *! *!
DCD              * / second request*                                    failed     2     0     0      1       0        4       *! PR! PR! PR!
DCD              {testSecret probe 3,finishSecret*} / second request       succeeded  2     0     0      1       0        1       *!
DCD              {testSecret,finishSecret} / second request after       succeeded  2     0     0      1       0        1       *!
`;

/* Two alternating tokens. After the dash: where an active token of the standby is; consumers have the other. */
const TWO_CALLS = `
1   createSecret DescribeSecret
2   createSecret GetSecretValue
3   createSecret GetSecretValue 2
4   createSecret probe                       does the standby live?
5   createSecret probe 2                     does the current token?
6   createSecret reach                       what the current token reaches
7   createSecret reach 2                     and the standby
8   createSecret PutSecretValue
9   createSecret DescribeSecret 2
10  createSecret probe 3                     the last look
11  createSecret rotate                      what cannot be undone
12  createSecret PutSecretValue 2            the successor is stored
13  testSecret GetSecretValue 3
14  testSecret GetSecretValue 4              is it the dry run?
15  testSecret probe 4                       is the pending token active?
16  finishSecret GetSecretValue 5            the pending value, read beside the labels
17  finishSecret DescribeSecret 3            which version is current?
18  finishSecret probe 5                     is its token active still?
19  finishSecret UpdateSecretVersionStage    the label moves
20  finishSecret probe 6                     did it die while the label moved?

                  1    2    3    4    5    6    7    8    9     10     11     12      13     14     15     16     17      18      19     20
refused           .    .    .    .    .    .    .    .    .     .      .      .       .      .      .      .      .       .       .      .
down              2SU  2SU  2SU  2GU  2GU  2GU  2GU  2SU  2SU   2GU    2GU    2TL     2SU    2SU    2GU    2SU    2SU     2GU     2NP    .
reset before      .    .    .    .    .    .    .    .    .     .      2OU    .       .      .      .      .      .       .       .      .
answer lost       .    .    .    .    .    .    .    .    .     .      k-LTL  .       .      .      .      .      .       .       .      .
answer cut        .    .    .    .    .    .    .    .    .     .      k-LTL  .       .      .      .      .      .       .       .      .
silent before     .    .    .    .    .    .    .    .    .     .      2OU    .       .      .      .      .      .       .       .      .
silent after      .    .    .    .    .    .    .    .    .     .      k-LTL  .       .      .      .      .      .       .       .      .
late              .    .    .    .    .    .    .    .    .     .      .      .       .      .      .      .      .       .       .      .
done late         .    .    .    .    .    .    .    .    .     .      k-LTL  .       .      .      .      .      .       .       .      .
gateway before    .    .    .    .    .    .    .    .    .     .      2OU    .       .      .      .      .      .       .       .      .
gateway after     .    .    .    .    .    .    .    .    .     .      k-LTL  .       .      .      .      .      .       .       .      .
failing after     .    .    .    .    .    .    .    .    .     .      k-LTL  .       .      .      .      .      .       .       .      .
failing           2SU  2SU  2SU  2GU  2GU  .    .    2SU  2SU   2GU    2OU    2TL     2SU    .      2GU    .      2SU     2GU     2NP    .
throttled         .    .    .    .    .    .    .    .    .     .      .      .       .      .      .      .      .       .       .      .
throttled long    2SU  2SU  2SU  2RL  2RL  .    .    2SU  2SU   2RL    2RL    2TL     2SU    .      2RL    .      2SU     2RL     2NP    .
denied            kSD  kSD  kSD  kRR  kRR  .    .    kSD  kSD   kRR    kRR    k-L=TL  k-pSD  .      k-pRR  .      k-pSD   k-pRR   k-pNP  .
killed before     2    2    2    2    2    2    2    2    2     2      2      k-LTD   2      2      2      2      2       2       2      2
killed after      2    2    2    2    2    2    2    2    2     2      k-LTD  2       2      2      2      2      2       2       2      2
timed out after   2    2    2    2    2    2    2    2    2     2      k-LTD  2       2      2      2      2      2       2       2      2
overlapped        .    .    .    .    .    .    .    .    .     k-DTD  .TD    .       .      .      .      .      .       .       .      .
second rotation   .    .    .    .    .    .    .    .    .     .      .      .       .      .      .      -      .       .       .      .
edited by hand    kVS  kVS  kVS  kVS  kVS  kVS  kVS  kVS  k-u+  k-u+   k-u+   k-u+    k-u+   k-u+   k-u+   -      .       .       .      .
replaced by hand  rVS  rVS  rVS  rVS  rVS  rVS  rVS  rVS  r-u+  r-u+   r-u+   r-u+    r-u+   r-u+   r-u+   -      r-u+NP  r-u+NP  r      r
label taken off   kVS  kVS  kVS  kVS  kVS  kVS  kVS  kVS  .     .      .      k-u+    k-u+   k-u+   k-u+   -      .       .       .      .
sent twice        -    -    -    .    .    .    .    -    -     .      k-DTD  -       -      -      .      -      -       .       -      .
second request    -    -    -    -    -    -    -    -    -     -      k-DTD  k-DTD   k-DTD  k-DTD  k-DTD  k-DTD  k-DTD   k-DTD   k-DTD  k-DHE
`;

const TWO_STEPS = `
1  createSecret
2  setSecret
3  testSecret
4  finishSecret

                         1      2      3       4
not invoked              2      2      2       2
throttled                3      3      3       3
throttled for good       k      k-p    k-p     k-p
killed before            2      2      2       2
killed after             2      2      2       2
timed out before         2      2      2       2
timed out after          2      2      2       2
result lost              2      2      2       2
delivered twice          .      .      .       .
delivered twice at once  .      .      .       .
second rotation before   .      .      .       .
edited by hand before    k-u+   k-u+   k-u+    .
replaced by hand before  r-u+   r-u+   r-u+    .
label taken off before   kVS    k-u+   k-u+VS  k-u+VS
second rotation after    .      .      .       .
edited by hand after     k-u+   k-u+   k-u+    .
replaced by hand after   r-u+   r-u+   r-u+    r
label taken off after    k-u+   k-u+   k-u+    .
second request after     k-DTD  k-DTD  k-DTD   k-DHE
`;

const TWO_STALE_READS = `
1  createSecret DescribeSecret
2  setSecret DescribeSecret
3  testSecret DescribeSecret
4  finishSecret DescribeSecret
5  createSecret GetSecretValue
6  setSecret GetSecretValue
7  testSecret GetSecretValue
8  finishSecret GetSecretValue

                    1    2      3      4      5      6      7      8
3 reads, 1 behind   .    .      .      .      .      .      .      .
3 reads, 2 behind   .    .      .      .      .      .      .      .
60 reads, 1 behind  kVS  .      .      .      k-pVS  k-pVS  k-pVS  .
60 reads, 2 behind  kNE  k-pVS  k-pVS  k-pVS  k-pVS  k-pVS  k-pVS  .
`;

const TWO_ALERTS = `
1  Publish

                                  1
refused for good, successor lost  k-L
refused                           kSM
silent                            kSM
reset before                      kSM
answer lost                       kSM
killed before                     kSM
killed after                      kSM
`;

const TWO_COLUMNS = `
letters    where                                                                     ended      sent  dead  again  killed  orphans  failed  told
.          finishSecret* / {edited,replaced} by hand*                                abandoned  1     0     0      0       0        0       -
2GU 2RL    {testSecret,finishSecret}* / *                                            succeeded  1     0     0      0       0        1       *?
2SU        {testSecret,finishSecret} DescribeSecret* / {failing,throttled long}              succeeded  1     0     0      0       0        1       *
2NP        * / {failing,throttled long}                                              succeeded  1     0     0      0       0        1       *
2OU        createSecret rotate / *                                                   succeeded  2     0     0      0       0        1       *
2TL        createSecret PutSecretValue 2 / *                                         succeeded  1     0     0      0       0        1       *
.TD        createSecret rotate / overlapped                                          succeeded  1     0     0      0       0        1       *
k-u+ r-u+  * / *                                                                     abandoned  1     0     0      0       0        0       -
k-u+VS     * / label taken off before                                                abandoned  1     0     0      0       0        1       *
r-u+NP     finishSecret* / replaced by hand                                          abandoned  1     0     0      0       0        1       *
k-p        * / throttled for good                                                    failed     1     0     0      0       0        0       -
k-pSD      testSecret GetSecretValue* / denied                                       failed     1     0     0      0       0        3       *! *! *!
k-pSD      {testSecret,finishSecret} DescribeSecret* / denied                        failed     1     0     0      0       0        3       * * *
k-pRR      {testSecret,finishSecret}* / denied                                       failed     1     0     0      0       0        3       *? *? *?
k-pNP      * / denied                                                                failed     1     0     0      0       0        3       * * *
k-pVS      * DescribeSecret / *                                                      failed     1     0     0      0       0        3       * * *
k-pVS      * GetSecretValue / *                                                      failed     1     0     0      0       0        3       *! *! *!
k-LTL      createSecret rotate / *                                                   failed     1     0     0      0       1        3       * TD TD
k-L=TL     createSecret PutSecretValue 2 / denied                                    failed     1     0     0      0       1        3       * * *
k-LTD      * / {killed,timed out}*                                                   failed     1     0     0      0       1        3       * *
k-L        Publish / refused for good, successor lost                                failed     1     0     0      0       1        3       -
k-DTD      createSecret probe 3 / overlapped                                         failed     2     1     0      1       0        3       * PR PR
k-DTD      createSecret rotate / sent twice                                          failed     1     0     1      1       0        3       * * *
k-DTD      * / second request*                                                       failed     2     0     0      1       0        4       * PR PR PR
k-DHE      * / second request*                                                       succeeded  2     0     0      1       0        0       *
`;

/*
 * With a recovery credential: of the calls only those at and around which a successor may be lost.
 * What fails for longer than a moment fails for what comes after it too. Of the stale reads only
 * those that are not waited for, which end as without it.
 */
const ONE_RECOVERY_CALLS = `
1  createSecret probe 2             the last look
2  createSecret rotate              what cannot be undone
3  createSecret PutSecretValue 2    the successor is stored

                  1    2    3
refused           .    .    .
down              2GU  2GU  2NS
reset before      .    2OU  .
answer lost       .    .HE  .
answer cut        .    .HE  .
silent before     .    2OU  .
silent after      .    2SL  .
late              .    .    .
done late         .    2SL  .
gateway before    .    2OU  .
gateway after     .    .HE  .
failing after     .    .HE  .
failing           2GU  2OU  2NS
throttled         .    .    .
throttled long    2RL  2RL  2NS
denied            kRR  kRR  L=NS
killed before     2    2    2HE
killed after      2    2HE  2
timed out after   2    2HE  2
sent twice        .    DCD  -
overlapped        DCD  .HE  .
second rotation   .    .    .
edited by hand    u+   u+   u+
replaced by hand  r    r    r
label taken off   .    .    u+
`;

const TWO_RECOVERY_CALLS = `
1  createSecret probe 3             the last look
2  createSecret rotate              what cannot be undone
3  createSecret PutSecretValue 2    the successor is stored

                  1      2      3
refused           .      .      .
down              2GU    2GU    2TL
reset before      .      2OU    .
answer lost       .      .HE    .
answer cut        .      .HE    .
silent before     .      2OU    .
silent after      .      2TL    .
late              .      .      .
done late         .      2TL    .
gateway before    .      2OU    .
gateway after     .      .HE    .
failing after     .      .HE    .
failing           2GU    2OU    2TL
throttled         .      .      .
throttled long    2RL    2RL    2TL
denied            kRR    kRR    k-L=TL
killed before     2      2      2HE
killed after      2      2HE    2
timed out after   2      2HE    2
sent twice        .      k-DTD  -
overlapped        k-DTD  .HE    .
second rotation   .      .      .
edited by hand    k-u+   k-u+   k-u+
replaced by hand  r-u+   r-u+   r-u+
label taken off   .      .      k-u+
`;

/* The second request is played at every call: a credential makes no difference to it. */
const ONE_RECOVERY_SECOND = `
1  createSecret rotate
2  createSecret PutSecretValue 2
3  testSecret GetSecretValue 3
4  testSecret GetSecretValue 4
5  testSecret probe 3
6  finishSecret GetSecretValue 5
7  finishSecret DescribeSecret 3
8  finishSecret UpdateSecretVersionStage

                1    2    3    4    5    6    7    8
second request  DCD  DCD  DCD  DCD  DCD  DCD  DCD  DCD
`;

const TWO_RECOVERY_SECOND = `
1   createSecret rotate
2   createSecret PutSecretValue 2
3   testSecret GetSecretValue 3
4   testSecret GetSecretValue 4
5   testSecret probe 4
6   finishSecret GetSecretValue 5
7   finishSecret DescribeSecret 3
8   finishSecret probe 5
9   finishSecret UpdateSecretVersionStage
10  finishSecret probe 6

                1      2      3      4      5      6      7      8      9      10
second request  k-DTD  k-DTD  k-DTD  k-DTD  k-DTD  k-DTD  k-DTD  k-DTD  k-DTD  k-DHE
`;

const ONE_RECOVERY_STEPS = `
1  createSecret
2  setSecret
3  testSecret
4  finishSecret

                      1    2    3    4
second request after  DCD  DCD  DCD  DCD
`;

const TWO_RECOVERY_STEPS = `
1  createSecret
2  setSecret
3  testSecret
4  finishSecret

                      1      2      3      4
second request after  k-DTD  k-DTD  k-DTD  k-DHE
`;

const RECOVERY_ALERTS = `
1  Publish

                                  1
refused for good, successor lost  .
`;

const RECOVERY_COLUMNS = `
letters    where                                                                     ended      sent  dead  again  killed  orphans  failed  told
.HE        * / *                                                                     succeeded  2     0     0      0       0        0       *
.          Publish / refused for good, successor lost                                succeeded  2     0     0      0       0        0       -
2HE        * / *                                                                     succeeded  2     0     0      0       0        1       *
2SL        createSecret rotate / *                                                   succeeded  2     0     0      0       0        1       *! HE
2TL        createSecret rotate / *                                                   succeeded  2     0     0      0       0        1       * HE
u+         * / *                                                                     abandoned  1     0     0      0       0        0       -
`;

/*
 * GitLab's answer is lost in each of these cells, and then something else goes wrong.
 * A rotation by id that is sent twice looks as if another run had been first, whose
 * token is left alone, for it may be stored yet: so this heals in the next attempt.
 */
const HEALING = `
1  createSecret probe 3                     is the old token dead?
2  createSecret GetSecretValue 10           nobody has stored a value
3  createSecret ListSecretVersionIds        which versions are left?
4  createSecret GetSecretValue 13           the recovery credential
5  createSecret probe 4                     is it active?
6  createSecret listTokens                  which of the bot lives?
7  createSecret GetSecretValue 14           nobody has stored one meanwhile
8  createSecret rotateById                  the lost successor is rotated
9  createSecret PutSecretValue 2            the successor is stored
10  createSecret getToken                   in a later rotation: whose token was it?

                  1     2     3     4     5     6     7     8     9     10
refused           .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
down              .HE   2SL   2SL   2SL   2SL   2SL   2NS   2SL   2NS   2CD
reset before      .HE   .HE   .HE   .HE   .HE   .HE   .HE   2SL   .HE   .HE
answer lost       .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
answer cut        .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
silent before     .HE   .HE   .HE   .HE   .HE   .HE   .HE   2SL   .HE   .HE
silent after      .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
late              .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
done late         .HE   .HE   .HE   .HE   .HE   .HE   .HE   2SL   .HE   .HE
gateway before    .HE   .HE   .HE   .HE   .HE   .HE   .HE   2SL   .HE   .HE
gateway after     .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
failing after     .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
failing           2OU   2SL   .HE   2SL   2SL   2SL   2HE   2SL   2NS   2CD
throttled         .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
throttled long    2OU   2SL   .HE   2SL   2SL   2SL   2HE   2SL   2NS   2CD
denied            L=OU  L=SL  .HE   L=SL  L=SL  L=SL  pHE   L=SL  L=NS  L=CD
killed before     2HE   2HE   2HE   2HE   2HE   2HE   2HE   2HE   2HE   2HE
killed after      2HE   2HE   2HE   2HE   2HE   2HE   2HE   2HE   2     2HE
timed out after   2HE   2HE   2HE   2HE   2HE   2HE   2HE   2HE   2     2HE
sent twice        .HE   -     -     -     .HE   .HE   -     2SL   -     .HE
overlapped        .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
second rotation   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE
edited by hand    u+HE  u+HE  u+HE  u+HE  u+HE  u+HE  u+HE  u+HE  u+HE  u+HE
replaced by hand  rHE   rHE   rHE   rHE   rHE   rHE   rHE   rHE   rHE   rHE
label taken off   .HE   .HE   .HE   .HE   .HE   .HE   .HE   .HE   u+HE  .HE
`;

const HEALING_COLUMNS = `
letters    where                                                                     ended      sent  dead  again  killed  orphans  failed  told
.HE        * / *                                                                     succeeded  2     0     0      0       0        0       *
.HE        createSecret {Get,List,list,probe 4}* / overlapped                        succeeded  2     0     0      0       0        1       * VS
.HE        createSecret rotateById / {answer,silent,gateway,failing}*                succeeded  3     0     0      0       0        0       *
.HE        createSecret rotateById / {late,throttled,overlapped}                     succeeded  3     0     0      0       0        0       *
2          createSecret PutSecretValue 2 / *                                         succeeded  2     0     0      0       0        1       -
2HE        * / *                                                                     succeeded  2     0     0      0       0        1       *
2HE        createSecret GetSecretValue 14 / {failing,throttled long}                 succeeded  2     0     0      0       0        1       * SU!
2HE        createSecret {rotateById,PutSecretValue 2} / *                            succeeded  3     0     0      0       0        1       *
2NS        * / *                                                                     succeeded  2     0     0      0       0        1       *! HE
2OU        createSecret probe 3 / *                                                  succeeded  2     0     0      0       0        1       *? HE
2SL        * / *                                                                     succeeded  2     0     0      0       0        1       *! HE
2SL        createSecret rotateById / *                                               succeeded  3     0     0      0       0        1       *! HE
2SL        createSecret rotateById / down                                            succeeded  2     0     0      0       0        1       *! HE
2SL        createSecret rotateById / throttled long                                  succeeded  14    0     0      0       0        1       *! HE
u+HE rHE   * / *                                                                     abandoned  2     0     0      0       0        0       *
pHE        createSecret GetSecretValue 14 / denied                                   failed     2     0     0      0       0        3       * SD! SD! SD!
L=OU       createSecret probe 3 / denied                                             failed     1     0     0      0       1        3       *? RR RR
L=SL       createSecret GetSecretValue* / denied                                     failed     1     0     0      0       1        3       *! SD SD
L=SL       createSecret probe 4 / denied                                             failed     1     0     0      0       1        3       *! RR RR
L=SL       createSecret listTokens / denied                                          failed     1     0     0      0       1        3       *! CD! CD!
L=SL       createSecret rotateById / denied                                          failed     4     0     0      0       1        3       *! CD! CD!
L=NS       createSecret PutSecretValue 2 / denied                                    failed     2     0     0      0       1        3       *! *! *!
.HE        createSecret getToken / *                                                 succeeded  1     0     0      0       0        0       *
.HE        createSecret getToken / overlapped                                        succeeded  1     0     0      0       0        1       * VS
2HE        createSecret getToken / *                                                 succeeded  1     0     0      0       0        1       *
2CD        createSecret getToken / *                                                 succeeded  1     0     0      0       0        1       *! HE
u+HE rHE   createSecret getToken / *                                                 abandoned  1     0     0      0       0        0       *
L=CD       createSecret getToken / denied                                            failed     0     0     0      0       1        3       *! *! *!
`;

/*
 * The rotation before was given up when its successor was stored: that is in a version without a
 * label, consumers have a dead token, and in each of these cells the search for it goes wrong.
 */
const SALVAGE = `
1  createSecret ListSecretVersionIds        which versions are there?
2  createSecret GetSecretValue 19           the one with the successor
3  createSecret probe 2                     is that active?
4  createSecret PutSecretValue 2            it is stored for this rotation

                    1     2     3     4
refused             .HE   .HE   .HE   .HE
down                2CD   2CD   2CD   2CD
reset before        .HE   .HE   .HE   .HE
answer lost         .HE   .HE   .HE   .HE
answer cut          .HE   .HE   .HE   .HE
silent before       .HE   .HE   .HE   .HE
silent after        .HE   .HE   .HE   .HE
late                .HE   .HE   .HE   .HE
done late           .HE   .HE   .HE   .HE
gateway before      .HE   .HE   .HE   .HE
gateway after       .HE   .HE   .HE   .HE
failing after       .HE   .HE   .HE   .HE
failing             2CD   2CD   2CD   2CD
throttled           .HE   .HE   .HE   .HE
throttled long      2CD   2CD   2CD   2CD
denied              u=CD  u=CD  u=CD  u=CD
killed before       2HE   2HE   2HE   2HE
killed after        2HE   2HE   2HE   2
timed out after     2HE   2HE   2HE   2
overlapped          .HE   .HE   .HE   .HE
second rotation     .HE   .HE   .HE   .HE
edited by hand      u+HE  u+HE  u+HE  u+HE
replaced by hand    rHE   rHE   rHE   rHE
label taken off     .HE   .HE   .HE   u+HE
sent twice          -     -     .HE   -
3 reads, 1 behind   .HE   -     -     -
3 reads, 2 behind   .HE   -     -     -
60 reads, 1 behind  .HE   -     -     -
60 reads, 2 behind  .HE   -     -     -
`;

const SALVAGE_COLUMNS = `
letters    where                                                                     ended      sent  dead  again  killed  orphans  failed  told
.HE        * / *                                                                     succeeded  0     0     0      0       0        0       *
.HE        * / overlapped                                                            succeeded  0     0     0      0       0        1       * VS
2CD        * / *                                                                     succeeded  0     0     0      0       0        1       *! HE
2HE        * / *                                                                     succeeded  0     0     0      0       0        1       *
u+HE rHE   * / *                                                                     abandoned  0     0     0      0       0        0       *
2          createSecret PutSecretValue 2 / {killed,timed out} after                  succeeded  0     0     0      0       0        1       -
.HE        createSecret PutSecretValue 2 / overlapped                                succeeded  0     0     0      0       0        0       *
u=CD       createSecret PutSecretValue 2 / denied                                    failed     0     0     0      0       0        3       *! *! *!
u=CD       createSecret ListSecretVersionIds / denied                                failed     0     0     0      0       0        3       *! *! *!
u=CD       createSecret GetSecretValue 19 / denied                                   failed     0     0     0      0       0        3       *! SD SD
u=CD       createSecret probe 2 / denied                                             failed     0     0     0      0       0        3       *! RR RR
`;

/*
 * GitLab serves two requests for one token, and one of the two runs must revoke what it got, which
 * it tries for five seconds. What it could not revoke is told in the log; nobody has its value.
 */
const TWO_AT_ONCE = `
1  createSecret revoke

                  1
refused           .
down              2GU
reset before      .
answer lost       .
answer cut        .
silent before     .
silent after      .
late              .
done late         .
gateway before    .
gateway after     .
failing after     .
failing           .
throttled         .
throttled long    .
denied            .
sent twice        .
overlapped        .
second rotation   .
edited by hand    u+
replaced by hand  r
label taken off   u+
`;

const TWO_AT_ONCE_COLUMNS = `
letters    where                                                                     ended      sent  dead  again  killed  orphans  failed  told
.          * / *                                                                     succeeded  2     0     0      0       0        0       -
.          * / {failing,throttled long,denied}                                       succeeded  2     0     0      0       1        0       -
2GU        * / down                                                                  succeeded  2     0     0      0       1        1       *!
r u+       * / *                                                                     abandoned  2     0     0      0       0        0       -
`;

/*
 * For how many seconds consumers have a dead token, at most: of one token, where it does not stay
 * so to the end. With two it is so only until consumers
 * get back what they had (second request). Where all goes well it is as long as four calls take. A
 * probe or a call without an answer is given up after 10 seconds, a value that may not be visible
 * yet after 12, an invocation after 60; and the stand-in waits 60 seconds before it tries again.
 * Pauses between repeated calls are in part a matter of chance, so there is some room.
 */
const OUTAGES = `
letters              where                                           seconds
. r rNP              * / *                                           6
.                    * / {silent,late,done late}*                    15
.                    createSecret rotate / late                      42
. .CD                {Publish,createSecret rotate} / {refused,over}*  15
.HE rHE              * / *                                           20
.HE                  * / {silent,late,done late}*                    30
.HE                  * / {overlapped,failing,throttled long}         30
.HE                  createSecret rotateById / {late,silent after}   45
2                    * / *                                           76
2                    * / timed out*                                  138
3                    * / *                                           124
2SU 2NP              * / *                                           84
2CD 2HE              * / *                                           106
2CD                  createSecret {PutSecretValue 2,getToken} / *    136
2HE                  * / timed out*                                  150
2GU 2RL 2NS 2OU 2SL  * / *                                           134
.                    createSecret revoke / *                         6
k-DTD k-DHE          * / second request*                             6
.HE                  createSecret probe 3 / overlapped               60
`;

/** Why the best that can come of these cells is still a loss. */
interface Reason {
  readonly cells: (row: string, way: string) => boolean;
  readonly why: string;
}

export const LAST_LOOK = /^createSecret probe [23]$/;
const ROTATE = 'createSecret rotate';
const STORE = 'createSecret PutSecretValue 2';
const PERSON = /by hand|^label taken off/;

export const REASONS: readonly Reason[] = [
  {
    cells: (row, way) =>
      (row === ROTATE && / after$|^answer (lost|cut)$|^done late$/.test(way)) ||
      (row === STORE && /^(killed|timed out) before$/.test(way)) ||
      way === 'refused for good, successor lost',
    why: 'GitLab shows a new token once, in the answer to the rotate request, and keeps a digest of it. Where nobody reads that answer, or whoever read it dies before it is written down, the value is nowhere. GitLab works on a request for 60 seconds, and we listen as long as our own 60 allow, but for what a put and an alert need; a function that ran longer could meet the next attempt of Secrets Manager, and two runs do more harm than a late answer. Asking again would revoke the successor. A client that holds no other credential can only see that the old token is dead, and say so; the successor lives, and a Maintainer can rotate it by its id, or the recovery credential does.',
  },
  {
    cells: (row, way) => row === STORE && way === 'denied',
    why: 'The secret, the one place where the token may be kept, took a write a moment before, and takes none any more, until all attempts have ended. GitLab cannot undo a rotation. The process holds the token for as long as it lives, and would store it in the next attempt, or in the rotation that a person begins once the cause is removed (runbook, unblock). The alert holds the id of the token, by which a Maintainer can rotate it.',
  },
  {
    cells: (row, way) => row === ROTATE && way === 'sent twice',
    why: 'Something between the client and GitLab repeats a POST. The second request is not ours: we sent one, with an active token. It presents the token that the first has killed, for which GitLab revokes the successor. The API knows no idempotency key, nor any condition to put on a request; what would escape its look for reuse is a gap in the protection of all tokens, and not to be built on.',
  },
  {
    cells: (_row, way) => way.startsWith('second request'),
    why: 'Two createSecret of one version have both seen the token active, and GitLab reads the request of one when it has carried out that of the other. Both requests were sent with an active token; which of them is late, no client can see. GitLab takes the late one for the use of a stolen token and revokes the successor, whichever step the rotation has come to. The run whose request it was asks after the stored token, and says at once what has died. With one token nothing is left that lives. With two the other one lives: finishSecret asks GitLab before it moves the label and after, and where the label has moved by then, that run moves it back; the standby only a person can replace.',
  },
  {
    cells: (row, way) => LAST_LOOK.test(row) && way === 'overlapped',
    why: 'Two runs of one rotation at the same time: one rotates between the last look of the other and its request, which then presents a dead token. GitLab does not serialise rotations and offers no condition to put on one. A lock could be a label of our own on the version to make, moved from where it was: AWS refuses a move that names another holder. But whoever holds it may be killed, and then either nobody rotates until a person takes the label off, or a time-out decides, which is no lock: that is a rotation stopped by every crash, against a moment of milliseconds, with two runs at once, which nobody has documented of Secrets Manager. Reserved concurrency makes rotations fail (AWS). What is left is the time that a request takes to GitLab. Secrets Manager runs the steps one after the other, and none of ours outlives its 60 seconds, so a retry does not meet the run that it repeats.',
  },
  {
    cells: (row, way) => row.startsWith('createSecret ') && row !== STORE && way === 'denied',
    why: 'The search for a lost successor is denied something for good: a read, the recovery token, the list, the rotation by id. What it needs only a person can allow. Nothing more is lost by it: once it is allowed, and the rotation is begun anew (runbook, unblock), it searches again. Where reads alone are denied, the successor is found and stored all the same; what cannot be read is not tested, and so not made current.',
  },
  {
    cells: (row, way) => !row.startsWith('createSecret ') && way === 'denied',
    why: 'What is denied for good only a person can allow. A token that could not be tested is not made current: it may be dead, or another than the secret says, and with two tokens it would take the place of one that lives. Nor is one made current where DescribeSecret is denied: it alone tells that rotation is still on. The active token is stored, and the first alert gives the command that makes it current.',
  },
  {
    cells: (_row, way) => way === 'throttled for good',
    why: 'Lambda runs the function for createSecret and, in no attempt, ever again: no code of ours runs that could finish the rotation, or say so. The active token is stored. Only the event of AWS tells (RotationFailed), which a rule takes to the topic where CloudTrail has a trail.',
  },
  {
    cells: (_row, way) => PERSON.test(way),
    why: 'AWS gives a rotation up in which somebody changes the secret, takes AWSPENDING off, and does not call the function again. Until the rotate request such a change is seen, but for one probe and the request itself: the probe goes last, because a dead token presented does more harm. After the request the rotation cannot be undone, and a function that went on moving labels would work against the person and against AWS. One more look after the store would tell earlier of a change in those few moments, and of none that comes later; its price is a call in every rotation while consumers have a dead token. The event of AWS tells (RotationAbandoned), by the same rule; the active token is in the version that the rotation made, and the next rotation takes it from there. A change that comes after the start of the rotation and before the function first looks is not seen at all: DescribeSecret and GetSecretValue do not say when the pending version was made, and AWS does not say whether ListSecretVersionIds lists a version that has no value yet.',
  },
  {
    cells: (_row, way) => way.startsWith('60 reads'),
    why: 'Secrets Manager hides a value, or what DescribeSecret shows, for longer than all attempts last. A token that cannot be read cannot be tested, and what is not tested is not made current. A description from before the rotation says that rotation is off, or that the version is not pending, just as it does when somebody has given the rotation up: working on would be working against that person. The active token is stored, and the first alert gives the command that makes it current.',
  },
];

/** The cells of a setup, and the lines of columns by which they go: its own after those of one token. */
interface Part {
  readonly cells: readonly TableCell[];
  readonly lines: readonly ColumnLine[];
  readonly own: readonly ColumnLine[];
}

const COMMON = columnLinesIn(COLUMNS);

function part(cells: readonly TableCell[], ...columns: readonly string[]): Part {
  const own = columns.flatMap(columnLinesIn);
  return { cells, lines: [...COMMON, ...own], own: columns.length === 0 ? COMMON : own };
}

const ONE_STALE = cellsIn('stale reads', ONE_STALE_READS);
const TWO_STALE = cellsIn('stale reads', TWO_STALE_READS);
/** Of the reads that lag, those that outlast all waiting. */
const lasting = (cells: readonly TableCell[]) =>
  cells.filter(({ way }) => way.startsWith('60 reads'));
const HEALED_ALERTS = cellsIn('alerts', RECOVERY_ALERTS);

const ONE = part([
  ...cellsIn('calls', ONE_CALLS),
  ...cellsIn('steps', ONE_STEPS),
  ...ONE_STALE,
  ...cellsIn('alerts', ONE_ALERTS),
]);
const TWO = part(
  [
    ...cellsIn('calls', TWO_CALLS),
    ...cellsIn('steps', TWO_STEPS),
    ...TWO_STALE,
    ...cellsIn('alerts', TWO_ALERTS),
  ],
  TWO_COLUMNS,
);
const SALVAGED = part(cellsIn('salvage', SALVAGE), SALVAGE_COLUMNS);
const DOUBLED = part(cellsIn('two at once', TWO_AT_ONCE), TWO_AT_ONCE_COLUMNS);
const ONE_RECOVERY = part(
  [
    ...cellsIn('calls', ONE_RECOVERY_CALLS),
    ...cellsIn('calls', ONE_RECOVERY_SECOND),
    ...cellsIn('steps', ONE_RECOVERY_STEPS),
    ...lasting(ONE_STALE),
    ...HEALED_ALERTS,
  ],
  RECOVERY_COLUMNS,
);
const TWO_RECOVERY = part(
  [
    ...cellsIn('calls', TWO_RECOVERY_CALLS),
    ...cellsIn('calls', TWO_RECOVERY_SECOND),
    ...cellsIn('steps', TWO_RECOVERY_STEPS),
    ...lasting(TWO_STALE),
    ...HEALED_ALERTS,
  ],
  TWO_COLUMNS,
  RECOVERY_COLUMNS,
);
const HEALED = part(cellsIn('healing', HEALING), HEALING_COLUMNS);

/** What must come of each cell of our rotator, by its key. */
export const EXPECTED: Readonly<Record<OurSetupName, ReadonlyMap<string, Partial<Entry>>>> = {
  'one token': expected(ONE, SALVAGED, DOUBLED),
  'one token, recovery': expected(ONE_RECOVERY, HEALED),
  'two tokens': expected(TWO),
  'two tokens, recovery': expected(TWO_RECOVERY),
};

function expected(...parts: readonly Part[]): ReadonlyMap<string, Partial<Entry>> {
  return new Map(
    parts.flatMap(({ cells, lines }) =>
      cells.map((cell) => [keyOf(cell), entryFor(lines, cell)] as const),
    ),
  );
}

const OUTAGE_LINES = outageLinesIn(OUTAGES);

/** The longest that consumers may have a dead token in a cell that ends in these letters, in seconds. */
export function longestOutage(setup: SetupName, cell: TableCell): number {
  const neverDead = SETUPS[setup].alternating && !cell.way.startsWith('second request');
  return neverDead ? 0 : (lineFor(OUTAGE_LINES, cell)?.seconds ?? 0);
}

const PARTS = [ONE, SALVAGED, DOUBLED, TWO, ONE_RECOVERY, TWO_RECOVERY, HEALED];

/** Lines of the tables of columns, and of outages, by which no cell goes. */
export function idleLines(): readonly unknown[] {
  return [
    ...PARTS.flatMap(({ own }) => own).filter(
      (line) =>
        !PARTS.some(({ cells, lines }) =>
          cells.some((cell) => JSON.stringify(lineFor(lines, cell)) === JSON.stringify(line)),
        ),
    ),
    ...OUTAGE_LINES.filter(
      (line) =>
        !PARTS.some(({ cells }) => cells.some((cell) => lineFor(OUTAGE_LINES, cell) === line)),
    ),
  ];
}
