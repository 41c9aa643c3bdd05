import { type LocalClock, MACHINE_CLOCK } from '../server/clock.ts';
import { type CallRecord, type StandIn, startStandIn } from '../server/stand-in.ts';
import { administer } from './administer.ts';
import type { Administration } from './administration.ts';
import { GitLabApi } from './gitlab-api.ts';
import { type Hold, type HoldPoint, Holds } from './state/holds.ts';
import type { Member, Token } from './state/model.ts';
import { DEFAULT_SETTINGS, type GitLabSettings } from './state/settings.ts';
import { GitLabState } from './state/state.ts';

/** Where a GitLab listens and what it starts with. */
export interface StartGitLabProps {
  /** PEM. @default - plain http */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
  /** GitLab's time of day, where it is not that of the clock. */
  readonly now?: () => Date;
  /** @default - a GitLab as it comes */
  readonly settings?: Partial<GitLabSettings>;
  /** The path under which GitLab lies, as in `/gitlab`. @default - the root */
  readonly relativeRoot?: string;
}

/** A token as it looks from outside: everything but its value. */
export interface TokenRecord extends Readonly<Token> {
  /** Neither revoked nor expired, now. */
  readonly active: boolean;
}

/** A request that asked for a rotation, whatever became of it. */
export interface RotateRequest {
  readonly operation: 'rotate' | 'rotateById';
  readonly at: Date;
  /** Absent where the caller got no answer. */
  readonly status?: number;
  /** The token that was the credential; absent where GitLab does not know it. */
  readonly tokenId?: number;
  /** It was revoked or expired when it arrived: what a client must never send. */
  readonly deadToken: boolean;
}

/** A GitLab on loopback: its access-token API, token families and reuse detection. */
export interface GitLab extends StandIn, Administration {
  /** What a client is configured with: with the relative root, without `/api/v4`. */
  readonly url: string;
  /** May be changed at any time. */
  readonly settings: GitLabSettings;
  /** All that there ever were, as they are now. */
  readonly tokens: readonly TokenRecord[];
  /**
   * A token and all others of its user: in a GitLab that has served long, faster than `tokens`.
   *
   * @throws {Error} for an id that was never given
   */
  family(tokenId: number): readonly TokenRecord[];
  readonly members: readonly Readonly<Member>[];
  /** All that came, oldest first; also those that a fault kept from having an effect. */
  readonly rotateRequests: readonly RotateRequest[];
  /** Whether this is the value of a token that is neither revoked nor expired. */
  isActive(value: string): boolean;
  /** Holds the next rotate requests that come to this point. @param count @default 1 */
  hold(point: HoldPoint, count?: number): Hold;
}

/** Starts a GitLab without projects, users and tokens. */
export async function startGitLab({
  clock = MACHINE_CLOCK,
  now = () => clock.now(),
  relativeRoot = '',
  ...props
}: StartGitLabProps = {}): Promise<GitLab> {
  const settings = { ...DEFAULT_SETTINGS, ...props.settings };
  const state = new GitLabState(settings, now);
  const holds = new Holds();
  const scheme = props.tls ? 'https' : 'http';
  const api = new GitLabApi({ state, holds, scheme, relativeRoot });
  const standIn = await startStandIn({
    ...(props.tls && { tls: props.tls }),
    clock,
    operationOf: (call) => api.operationOf(call),
    noteOf: (call) => ({ ...api.presented(call) }),
    answer: (call) => api.answer(call),
  });
  const recordOf = (token: Token) => ({ ...token, active: state.isActive(token) });
  const sent = new RotateRequests(standIn.calls);
  return {
    ...standIn,
    ...administer(state),
    url: `${standIn.url}${relativeRoot}`,
    settings,
    get tokens() {
      return state.tokens.map(recordOf);
    },
    family: (tokenId) => {
      const bot = state.token(tokenId).userId;
      return state.tokens.filter(({ userId }) => userId === bot).map(recordOf);
    },
    members: state.members,
    get rotateRequests() {
      return sent.all();
    },
    isActive: (value) => {
      const token = state.tokenWith(value);
      return token !== undefined && state.isActive(token);
    },
    hold: (point, count = 1) => holds.add(point, count),
  };
}

/** The rotate requests among calls that grow in number: none is looked at twice. */
class RotateRequests {
  readonly #calls: readonly CallRecord[];
  readonly #found: CallRecord[] = [];
  #seen = 0;

  constructor(calls: readonly CallRecord[]) {
    this.#calls = calls;
  }

  all(): readonly RotateRequest[] {
    for (; this.#seen < this.#calls.length; this.#seen += 1) {
      const call = this.#calls[this.#seen];
      if (call && isRotation(call.operation)) {
        this.#found.push(call);
      }
    }
    // Made anew each time: a call that is under way has no status yet.
    return this.#found.map(requestOf);
  }
}

function isRotation(operation: string): boolean {
  return operation === 'rotate' || operation === 'rotateById';
}

function requestOf({ operation, at, status, note }: CallRecord): RotateRequest {
  const { tokenId, dead } = note ?? {};
  return {
    operation: operation === 'rotate' ? 'rotate' : 'rotateById',
    at,
    ...(status !== undefined && { status }),
    ...(typeof tokenId === 'number' && { tokenId }),
    deadToken: dead === true,
  };
}
