import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Demo } from '../../../../infra/local/demo/demo.ts';
import type { CreatedToken } from '../../../../infra/local/gitlab/administration.ts';
import type { Project } from '../../../../infra/local/gitlab/state/model.ts';
import type { Lambda } from '../../../../infra/local/lambda/lambda.ts';
import { SimulatedClock } from '../../../rig/clock/simulated-clock.ts';
import { type Bundles, type Stage, startStage } from '../../../rig/stage/stage.ts';
import { DAY_MS, type Strategy } from '../timeline/timeline.ts';
import { Unrest } from './unrest.ts';
import { startWatch } from './watch.ts';

/** How often Secrets Manager rotates the secret. */
export const INTERVAL_DAYS = 10;
/** Noon, so that a window opens half a day before ten days are over: nine in ninety days. */
const BEGINNING = new Date('2027-01-04T12:00:00Z');
const SCOPES = ['read_repository', 'self_rotate'];
/** Of a token that a person creates. */
export const LIFETIME_DAYS = 60;

/** One secret on a stage, with all that is around it. */
export interface World extends Demo, Stage {
  readonly clock: SimulatedClock;
  readonly strategy: Strategy;
  readonly project: Project;
  readonly watch: Lambda;
  /** The token of the person who repairs: a Maintainer's, with the scope `api`. */
  readonly maintainerToken: string;
  /** Ids of tokens that a person put without their ids. */
  readonly putByHand: Map<string, number>;
  /** Which bot a person has made for a token, in place of which other. */
  readonly replacedBots: Map<number, number>;
  readonly unrest: Unrest;
  /** Milliseconds since the beginning. */
  elapsed(): number;
}

/** What the secret holds. */
export interface Held {
  readonly token: string;
  readonly tokenId?: string;
  readonly standby?: { readonly token: string; readonly tokenId?: string };
}

/** Starts the servers, puts the first tokens and configures the schedule. */
export async function startWorld(strategy: Strategy, bundles: Bundles): Promise<World> {
  await using servers = new AsyncDisposableStack();
  const stage = servers.use(
    await startStage('one token', bundles, { clock: new SimulatedClock(BEGINNING) }),
  );
  const watch = servers.use(await startWatch(stage, bundles));
  const { gitlab, cloud, clock } = stage;
  const project = gitlab.addProject({ path: 'group/app' });
  const maintainer = gitlab.addUser({ name: 'maintainer' });
  gitlab.addMember(maintainer, project, 40);
  const expiresAt = null;
  const person = gitlab.createPersonalToken({ user: maintainer, scopes: ['api'], expiresAt });
  const first = firstToken(stage, project);
  const standby = strategy === 'alternating' ? firstToken(stage, project) : undefined;
  const value = { ...first, projectId: project.path, ...(standby && { standby }) };
  const { ARN: secretId = '' } = await cloud.operator.send(
    new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString: JSON.stringify(value) }),
  );
  await configure(stage, secretId);
  const running = servers.move();
  return {
    ...stage,
    watch,
    strategy,
    project,
    secretId,
    tokenId: Number(first.tokenId),
    maintainerToken: person.token,
    putByHand: new Map(),
    replacedBots: new Map(),
    unrest: new Unrest(),
    elapsed: () => clock.now().getTime() - BEGINNING.getTime(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The schedule, and the dry run that AWS makes when nothing is to rotate at once. */
async function configure({ cloud, clock }: Stage, secretId: string): Promise<void> {
  await cloud.operator.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: cloud.lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: INTERVAL_DAYS, Duration: '3h' },
      RotateImmediately: false,
    }),
  );
  const outcome = await clock.during(cloud.secretsManager.rotationEnded(secretId));
  if (outcome?.kind !== 'succeeded') {
    throw new Error('the dry run failed where nothing disturbed it');
  }
}

function firstToken(stage: Stage, resource: Project) {
  const { id, token } = createToken(stage, resource);
  return { token, tokenId: String(id) };
}

/** As in the web interface of GitLab, which makes a new bot for it. */
export function createToken({ gitlab, clock }: Stage, resource: Project): CreatedToken {
  const expiresAt = new Date(clock.now().getTime() + LIFETIME_DAYS * DAY_MS);
  return gitlab.createAccessToken({
    resource,
    name: 'app',
    scopes: SCOPES,
    expiresAt: expiresAt.toISOString().slice(0, 10),
  });
}

/** What a version with this label holds, seen from outside; undefined where there is none. */
export function heldUnder({ cloud, secretId }: World, label: string): Held | undefined {
  const value = cloud.secretsManager.valueOf(secretId, label);
  return value === undefined ? undefined : JSON.parse(value);
}

/** The id of a token, where it is written beside it, or the person knows it who put it. */
export function idOf({ putByHand }: World, held: Held | undefined): number | undefined {
  const byHand = putByHand.get(held?.token ?? '');
  return byHand ?? (held?.tokenId === undefined ? undefined : Number(held.tokenId));
}

/** The version that carries a label. */
export function versionUnder({ cloud, secretId }: World, label: string): string | undefined {
  const { versions } = cloud.secretsManager.snapshot(secretId);
  return versions.find(({ labels }) => labels.includes(label))?.versionId;
}
