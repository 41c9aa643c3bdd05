import { STEPS, type Step } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import type { StaleReads } from '../../../../infra/local/secrets-manager/state/state.ts';
import type { FaultEffect } from '../../../../infra/local/server/faults.ts';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { snsError } from '../../../../infra/local/sns/errors.ts';
import { isBeside, nameOf, type Point } from '../../../rig/stage/points.ts';
import type { Setup } from '../../../rig/stage/setups.ts';
import type { Scene } from '../../../rig/stage/stage.ts';
import { abandon, rotateInGitLab } from './before.ts';
import type { Calls, Cell } from './cell.ts';
import { secondRequestCallCells, secondRequestStepCell } from './second-request.ts';
import { runTwiceAtOnce, stepCells } from './steps.ts';
import { WAYS, type Way } from './ways.ts';

/** Every cell for a rotation that makes these calls. */
export function cellsOf(
  { recovery }: Setup,
  { rotation, healing, search, salvage, revocation }: Calls,
): readonly Cell[] {
  // At the other calls the credential is not used, and a cell ends as without it.
  const calls = recovery ? rotation.filter(loses) : rotation;
  return [
    ...calls.flatMap(callCells),
    ...secondRequestCallCells(rotation),
    // What else befalls a step as a whole loses no successor.
    ...(recovery ? [] : STEPS.flatMap(stepCells)),
    ...STEPS.map(secondRequestStepCell),
    // A few reads that lag are waited for, and nothing is searched.
    ...staleCells(recovery ? [60] : [3, 60]),
    ...topicCells().filter(({ way }) => !recovery || way === LOST_AND_REFUSED),
    ...healing.flatMap(healingCells),
    ...search.flatMap(searchCells),
    ...salvage.flatMap(salvageCells),
    ...(salvage.length > 0 ? staleListCells() : []),
    ...revocation.flatMap(revocationCells),
  ];
}

/** Whether a successor may be lost at this call. */
function loses({ step, operation }: Point, index: number, points: readonly Point[]): boolean {
  const next = points[index + 1];
  const isNear = [operation, next?.operation].includes('rotate') || next?.step === 'testSecret';
  return step === 'createSecret' && isNear;
}

/** GitLab's answer is lost, and what is done about it goes wrong too. */
export function loseAnswer({ stage }: Scene): void {
  stage.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });
}

function healingCells(point: Point): Cell[] {
  return callCells(point).map((cell) => ({
    ...cell,
    group: 'healing',
    summary: `GitLab's answer is lost, and then: ${cell.summary}`,
    arrange: (scene) => {
      loseAnswer(scene);
      return cell.arrange(scene);
    },
  }));
}

/** Somebody has rotated the token in GitLab, and the search for the bot that it is of goes wrong. */
function searchCells(point: Point): Cell[] {
  return callCells(point).map((cell) => ({
    ...cell,
    group: 'healing',
    summary: `somebody has rotated the token in GitLab, and then: ${cell.summary}`,
    prepare: rotateInGitLab,
  }));
}

/** The rotation before was given up, and the search for what it left goes wrong. */
function afterAbandoned(cell: Cell): Cell {
  return {
    ...cell,
    group: 'salvage',
    summary: `the rotation before was given up, and then: ${cell.summary}`,
    prepare: abandon,
  };
}

function salvageCells(point: Point): Cell[] {
  return callCells(point).map(afterAbandoned);
}

function staleListCells(): Cell[] {
  return staleCellsOf('createSecret', 'ListSecretVersionIds', [3, 60]).map(afterAbandoned);
}

/** GitLab serves two requests for one token, and what is done about the second successor goes wrong. */
function revocationCells(point: Point): Cell[] {
  // Which of the two runs gets this far is a matter of chance, and so is what a stopped one has left to do.
  const isCertain = ({ way }: Cell) => !/^(killed|timed out)/.test(way);
  return callCells(point)
    .filter(isCertain)
    .map((cell) => ({
      ...cell,
      group: 'two at once',
      summary: `the step runs twice at the same time, and then: ${cell.summary}`,
      arrange: (scene) => {
        runTwiceAtOnce(scene);
        return cell.arrange(scene);
      },
    }));
}

/** What somebody does at one of two calls that are made at once would come before the other, or after. */
const PERSON = /by hand$|^label taken off$|^second rotation$/;

function callCells(point: Point): Cell[] {
  return Object.entries<Way>(WAYS)
    .filter(([, { service = point.service }]) => service === point.service)
    .filter(([way]) => !(isBeside(point) && PERSON.test(way)))
    .map(
      ([way, { summary, arrange }]): Cell => ({
        group: 'calls',
        row: nameOf(point),
        way,
        step: point.step,
        summary,
        arrange: (scene) => arrange(scene, point),
      }),
    );
}

/** Reads of one kind, from one step on, that miss the last writes. */
function staleCells(counts: readonly number[]): Cell[] {
  const operations = ['DescribeSecret', 'GetSecretValue'] as const;
  return operations.flatMap((operation) =>
    STEPS.flatMap((step) => staleCellsOf(step, operation, counts)),
  );
}

function staleCellsOf(
  step: Step,
  operation: StaleReads['operation'],
  counts: readonly number[],
): Cell[] {
  return counts.flatMap((times) =>
    [1, 2].map((writesBehind) => staleCell(step, { operation, times, writesBehind })),
  );
}

function staleCell(step: Step, reads: StaleReads): Cell {
  const { operation, times = 1, writesBehind = 1 } = reads;
  return {
    group: 'stale reads',
    row: `${step} ${operation}`,
    way: `${times} reads, ${writesBehind} behind`,
    step,
    summary: `from ${step} on, ${times} reads miss ${writesBehind === 1 ? 'the last write' : 'the last two writes'}`,
    arrange: ({ stage, secretId, cleanUps }) => {
      const nth = STEPS.indexOf(step) + 1;
      const effect: FaultEffect = {
        kind: 'run',
        run: () => cleanUps.push(stage.cloud.secretsManager.staleReads({ ...reads, secretId })),
      };
      stage.cloud.lambda.faults.add({ operation: 'Invoke', at: 'before', nth, effect });
    },
  };
}

const LOST_AND_REFUSED = 'refused for good, successor lost';

/** What becomes of a failure that nobody can be told of. */
function topicCells(): Cell[] {
  const cell = (
    way: string,
    summary: string,
    at: 'before' | 'after',
    effects: (scene: Scene) => FaultEffect[],
  ): Cell => ({
    group: 'alerts',
    row: 'Publish',
    way,
    step: 'createSecret',
    summary: `the token lacks its scope, and ${summary}`,
    scopes: ['read_repository'],
    arrange: (scene) => {
      for (const effect of effects(scene)) {
        scene.stage.cloud.sns.faults.add({ operation: 'Publish', at, effect });
      }
    },
  });
  const refusal = snsError(403, 'AuthorizationError', 'not authorized');
  const kill = ({ stage }: Scene): FaultEffect => ({
    kind: 'run',
    run: () => stage.cloud.lambda.kill(),
  });
  return [
    lostAndRefused(refusal),
    cell('refused', 'the topic refuses the alert', 'before', () => [
      { kind: 'answer', answer: refusal },
    ]),
    cell('silent', 'the topic never answers', 'before', () => [{ kind: 'hang' }]),
    cell('reset before', 'the connection to the topic is reset', 'before', () => [
      { kind: 'reset' },
    ]),
    cell('answer lost', 'the answer of the topic is lost', 'after', () => [{ kind: 'reset' }]),
    cell('killed before', 'the function is killed before it is told', 'before', (scene) => [
      kill(scene),
      { kind: 'reset' },
    ]),
    cell('killed after', 'the function is killed once it is told', 'after', (scene) => [
      kill(scene),
      { kind: 'reset' },
    ]),
  ];
}

/** Of the worst that can happen nobody learns by the topic; the errors alarm still rings. */
function lostAndRefused(refusal: Answer): Cell {
  const effect: FaultEffect = { kind: 'answer', answer: refusal };
  return {
    group: 'alerts',
    row: 'Publish',
    way: LOST_AND_REFUSED,
    step: 'createSecret',
    summary: "GitLab's answer is lost, and the topic refuses every alert",
    arrange: ({ stage: { gitlab, cloud } }) => {
      gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });
      const times = Number.POSITIVE_INFINITY;
      cloud.sns.faults.add({ operation: 'Publish', at: 'before', times, effect });
    },
  };
}
