import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../../infra/local/cloud/cloud.ts';
import type { CreatedToken, CreateTokenProps } from '../../../infra/local/gitlab/administration.ts';
import { type GitLab, startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { commandAfter } from '../../rig/documents/documents.ts';
import { type OperatorShell, openShell } from '../../rig/shell/operator-shell.ts';
import { sharedBundle } from '../../rig/vitest/shared-bundle.ts';

const DAY_MS = 24 * 3_600_000;
const INTERVAL_DAYS = 30;
/** Two intervals, and a few days. */
const LIFETIME_DAYS = 65;

/** As the READMEs rotate. */
const ROTATE = 'aws secretsmanager rotate-secret --secret-id app/gitlab-token';

type TokenProps = Pick<CreateTokenProps, 'scopes' | 'expiresAt'>;
type Create = (value?: string) => CreatedToken;

/** Whose tokens they are, and where the secret has the one for consumers. */
interface Kind {
  readonly owner: Readonly<Record<string, string>>;
  readonly tokenField: string;
  readonly tokensIn: (gitlab: GitLab, props: TokenProps) => Create;
}

function ofProject(gitlab: GitLab, props: TokenProps): Create {
  const resource = gitlab.addProject({ path: 'group/app' });
  return (value) => gitlab.createAccessToken({ resource, ...props, ...(value && { value }) });
}

function ofGroup(gitlab: GitLab, props: TokenProps): Create {
  const resource = gitlab.addGroup({ path: 'group' });
  return (value) => gitlab.createAccessToken({ resource, ...props, ...(value && { value }) });
}

function ofPerson(gitlab: GitLab, props: TokenProps): Create {
  const user = gitlab.addUser();
  return (value) => gitlab.createPersonalToken({ user, ...props, ...(value && { value }) });
}

const KINDS: Readonly<Record<string, Kind>> = {
  'project tokens': { owner: { projectId: 'group/app' }, tokenField: 'token', tokensIn: ofProject },
  'group tokens': { owner: { groupId: 'group' }, tokenField: 'token', tokensIn: ofGroup },
  'personal tokens': { owner: {}, tokenField: 'token', tokensIn: ofPerson },
  'a field of its own': { owner: {}, tokenField: 'password', tokensIn: ofProject },
};

let shell: OperatorShell;

beforeAll(async () => {
  shell = await openShell();
});
afterAll(() => shell[Symbol.asyncDispose]());

/** A secret with one token, and the function that rotates it. */
interface Ground {
  readonly clock: SimulatedClock;
  readonly gitlab: GitLab;
  readonly cloud: Cloud;
  readonly secretId: string;
  readonly tokenField: string;
}

/** The same, with a person at a shell. */
async function startWorld({ owner, tokenField, tokensIn }: Kind) {
  await using servers = new AsyncDisposableStack();
  const clock = new SimulatedClock();
  const gitlab = servers.use(await startGitLab({ clock }));
  const environment = { TOKEN_FIELD: tokenField };
  const cloud = servers.use(
    await startCloud({ gitlabUrl: gitlab.url, bundle: sharedBundle(), clock, environment }),
  );
  const expiresAt = new Date(clock.now().getTime() + LIFETIME_DAYS * DAY_MS);
  const create = tokensIn(gitlab, {
    scopes: ['self_rotate', 'read_api'],
    expiresAt: expiresAt.toISOString().slice(0, 10),
  });
  const secret = { [tokenField]: create().token, ...owner };
  const { ARN: secretId = '' } = await cloud.operator.send(
    new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString: JSON.stringify(secret) }),
  );
  const ground = { clock, gitlab, cloud, secretId, tokenField };
  const running = servers.move();
  return {
    gitlab,
    create,
    held: (label: string) => heldUnder(ground, label),
    state: watch(ground),
    ...rotationsOf(ground),
    /** What somebody is told, by its code. */
    told: () => cloud.sns.messages.map(({ attributes }) => attributes['code']?.value),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function heldUnder({ cloud, secretId, tokenField }: Ground, label: string) {
  const text = cloud.secretsManager.valueOf(secretId, label) ?? '{}';
  const { standby, ...value } = JSON.parse(text);
  return { token: String(value[tokenField]), standby };
}

/** @returns which tokens live, and whether consumers had a dead one since the last look */
function watch(ground: Ground) {
  const { gitlab, cloud } = ground;
  let wasDead = false;
  const look = () => {
    wasDead ||= !gitlab.isActive(heldUnder(ground, 'AWSCURRENT').token);
  };
  const effect = { kind: 'run', run: look } as const;
  for (const { faults } of [gitlab, cloud.secretsManager]) {
    faults.add({ operation: '*', at: 'after', times: Number.POSITIVE_INFINITY, effect });
  }
  return () => {
    const current = heldUnder(ground, 'AWSCURRENT');
    look();
    const found = {
      current: gitlab.isActive(current.token),
      standby: current.standby && gitlab.isActive(current.standby.token),
      previous: gitlab.isActive(heldUnder(ground, 'AWSPREVIOUS').token),
      active: gitlab.tokens.filter(({ active }) => active).length,
      wasDead,
    };
    wasDead = false;
    return found;
  };
}

/** What a person does, and that every rotation succeeds. */
function rotationsOf({ clock, cloud, secretId }: Ground) {
  const { secretsManager, operator, lambda } = cloud;
  const succeeded = async () => {
    const outcome = await clock.during(secretsManager.rotationEnded(secretId));
    expect(outcome?.kind).toBe('succeeded');
  };
  const type = async (command: string) => {
    const { stdout, stderr } = await shell.run(secretsManager, command);
    expect(stderr).toBe('');
    return stdout;
  };
  return {
    type,
    async configure() {
      const RotationRules = { AutomaticallyAfterDays: INTERVAL_DAYS };
      const RotationLambdaARN = lambda.functionArn;
      const request = { SecretId: secretId, RotationLambdaARN, RotationRules };
      await operator.send(new RotateSecretCommand({ ...request, RotateImmediately: false }));
      await succeeded();
    },
    /** A day later. */
    async rotate(command = ROTATE) {
      await clock.during(clock.sleep(DAY_MS));
      await type(command);
      await succeeded();
    },
    /** @returns how often the function was invoked */
    async dryRun(command: string) {
      const before = lambda.invocations.length;
      await type(command);
      await succeeded();
      return lambda.invocations.length - before;
    },
  };
}

const ONE = { current: true, standby: undefined, previous: false, active: 1, wasDead: true };
const TWO = { current: true, standby: true, previous: true, active: 2, wasDead: false };

describe('from one token to two and back, by the commands of infra/operations.md', () => {
  it.each(Object.entries(KINDS))('with %s', async (_name, kind) => {
    await using world = await startWorld(kind);
    const { gitlab, held, type, rotate, state, told } = world;
    const current = () => held('AWSCURRENT');
    await world.configure();
    await rotate();
    expect(state()).toEqual(ONE);

    const { token } = current();
    world.create('typed');
    await type(commandAfter('**Add the standby.**'));
    expect(current()).toEqual({ token, standby: { token: 'typed' } });
    expect(await world.dryRun(commandAfter('**6. Do a dry run.**'))).toBe(1);
    expect(state()).toEqual(TWO);

    await rotate();
    expect(state()).toEqual(TWO);
    expect(current().standby).toMatchObject({ token });
    await rotate();
    expect(state()).toEqual(TWO);
    expect(gitlab.isActive(token)).toBe(false);

    const rolledBack = current().token;
    await type(commandAfter('## Roll back'));
    expect(state()).toEqual({ ...TWO, standby: false });
    expect(told()).toEqual([]);
    await rotate();
    expect(state()).toEqual(TWO);
    expect(current().token).toBe(rolledBack);
    expect(told()).toEqual(['HEALED']);

    const leaked = [current().token, current().standby.token];
    const again = commandAfter('## After a leak');
    const look = commandAfter(
      'The rotation has finished when `LastRotatedDate` is newer than before:',
    );
    const before = await type(look);
    await rotate(again);
    expect(state()).toEqual(TWO);
    expect(await type(look)).not.toBe(before);
    await rotate(again);
    expect(state()).toEqual(TWO);
    expect(leaked.map((each) => gitlab.isActive(each))).toEqual([false, false]);

    const { token: kept, standby } = current();
    await type(commandAfter('**And back.**'));
    gitlab.revoke(Number(standby.tokenId));
    expect(current()).toEqual({ token: kept, standby: undefined });
    expect(state()).toEqual({ ...ONE, previous: true, wasDead: false });
    await rotate();
    expect(state()).toEqual(ONE);
    expect(told()).toEqual(['HEALED']);
    expect(gitlab.rotateRequests.filter(({ deadToken }) => deadToken)).toEqual([]);
  });

  it('kills what leaked before a roll back in three rotations, of which the first heals', async () => {
    await using world = await startWorld(KINDS['project tokens'] as Kind);
    const { gitlab, held, type, rotate, state, told } = world;
    await world.configure();
    world.create('typed');
    await type(commandAfter('**Add the standby.**'));
    await rotate();
    await rotate();
    const leaked = [held('AWSCURRENT').token, held('AWSCURRENT').standby.token];
    await type(commandAfter('## Roll back'));

    const active = [];
    for (const again of Array.from({ length: 3 }, () => commandAfter('## After a leak'))) {
      await rotate(again);
      expect(state()).toEqual(TWO);
      active.push(leaked.map((each) => gitlab.isActive(each)));
    }

    expect(told()).toEqual(['HEALED']);
    expect(active).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
  });

  it('rotates all the same where GitLab is slow, and never answers what the two can reach', async () => {
    await using world = await startWorld(KINDS['project tokens'] as Kind);
    const { gitlab, type, rotate, state, told } = world;
    await world.configure();
    world.create('typed');
    await type(commandAfter('**Add the standby.**'));
    const times = Number.POSITIVE_INFINITY;
    gitlab.faults.add({ operation: 'reach', at: 'before', times, effect: { kind: 'hang' } });
    // Of the two before the look, and the last right before the request, which is slow too.
    const effect = { kind: 'delay', ms: 8_000 } as const;
    gitlab.faults.add({ operation: 'probe', at: 'before', nth: 3, effect });

    await rotate();

    expect(state()).toEqual(TWO);
    expect(told()).toEqual([]);
    expect(gitlab.calls.filter(({ operation }) => operation === 'reach').length).toBeGreaterThan(2);
  });
});
