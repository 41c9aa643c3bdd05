import type { TokenRecord } from '../../../../infra/local/gitlab/gitlab.ts';
import type { AlertMark, LabelSpan, TokenLife } from '../timeline/timeline.ts';
import { idOf, type World } from './world.ts';

const LABELS = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'] as const;
const FAMILIES = 'AB';

type OpenSpan = Omit<LabelSpan, 'to'>;

/**
 * Looks on from outside, right after every call that may have changed something, and keeps what
 * changed: labels, and the lives of tokens.
 */
export class Recorder {
  readonly #world: World;
  readonly #versions: string[] = [];
  readonly #open = new Map<string, OpenSpan>();
  readonly #spans: LabelSpan[] = [];
  readonly #deaths = new Map<number, number>();
  readonly #known = new Set<number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Hooks itself to both servers; to be called again after their faults were cleared. */
  attach(): void {
    const { gitlab, cloud } = this.#world;
    const effect = { kind: 'run', run: () => this.look() } as const;
    for (const { faults } of [gitlab, cloud.secretsManager]) {
      faults.add({ operation: '*', at: 'after', times: Number.POSITIVE_INFINITY, effect });
    }
  }

  look(): void {
    const { cloud, gitlab, secretId } = this.#world;
    const now = this.#world.elapsed();
    const { versions } = cloud.secretsManager.snapshot(secretId);
    for (const { versionId, value } of versions) {
      if (!this.#versions.includes(versionId)) {
        this.#versions.push(versionId);
      }
      this.#learn(value);
    }
    for (const label of LABELS) {
      const holder = versions.find(({ labels }) => labels.includes(label));
      const version = holder && this.#versions.indexOf(holder.versionId) + 1;
      this.#track(label, now, version, this.#tokenName(holder?.value));
    }
    for (const { id, active } of gitlab.tokens) {
      if (!active && !this.#deaths.has(id)) {
        this.#deaths.set(id, now);
      }
    }
  }

  /** All spans up to now; those that are open end here. */
  labels(end: number): readonly LabelSpan[] {
    const open = [...this.#open.values()].map((span) => ({ ...span, to: end }));
    return [...this.#spans, ...open]
      .filter(({ from, to }) => from < end && to > from)
      .map((span) => ({ ...span, to: Math.min(span.to, end) }))
      .sort((a, b) => a.from - b.from || a.label.localeCompare(b.label));
  }

  tokens(end: number): readonly TokenLife[] {
    const began = this.#world.clock.now().getTime() - this.#world.elapsed();
    return this.#ours.flatMap((token): TokenLife[] => {
      const from = Math.max(0, token.createdAt.getTime() - began);
      const to = Math.min(this.#deaths.get(token.id) ?? end, end);
      const name = this.#nameOf(token);
      const known = this.#known.has(token.id);
      return from >= to ? [] : [{ name, family: name.slice(0, 1), from, to, known }];
    });
  }

  alerts(end: number): readonly AlertMark[] {
    const { sns } = this.#world.cloud;
    const began = this.#world.clock.now().getTime() - this.#world.elapsed();
    return sns.messages
      .map(({ at, attributes }) => ({
        at: at.getTime() - began,
        code: attributes['code']?.value ?? '',
        risk: attributes['risk']?.value ?? '',
        step: attributes['step']?.value ?? '',
      }))
      .filter(({ at }) => at < end);
  }

  #track(label: string, now: number, version: number | undefined, token: string | undefined): void {
    const open = this.#open.get(label);
    if (open?.version === version && open?.token === token) {
      return;
    }
    if (open) {
      this.#spans.push({ ...open, to: now });
      this.#open.delete(label);
    }
    if (version !== undefined) {
      this.#open.set(label, { label, version, from: now, ...(token !== undefined && { token }) });
    }
  }

  /** All values that a version holds are known to somebody. */
  #learn(value: string | undefined): void {
    const held = value === undefined ? {} : JSON.parse(value);
    for (const each of [held, held.standby]) {
      const id = idOf(this.#world, each);
      if (id !== undefined) {
        this.#known.add(id);
      }
    }
  }

  #tokenName(value: string | undefined): string | undefined {
    const id = value === undefined ? undefined : idOf(this.#world, JSON.parse(value));
    const token = this.#ours.find((each) => each.id === id);
    return token && this.#nameOf(token);
  }

  #firstBot(userId: number): number {
    const replaced = this.#world.replacedBots.get(userId);
    return replaced === undefined ? userId : this.#firstBot(replaced);
  }

  /** The tokens of the project, and not the maintainer's. */
  get #ours(): readonly TokenRecord[] {
    const { gitlab } = this.#world;
    return gitlab.tokens.filter(({ userId }) => gitlab.user(userId).resource !== undefined);
  }

  /** The two families are two bots, and the bots that took their place. */
  #nameOf({ id, userId }: TokenRecord): string {
    const bots = [...new Set(this.#ours.map((token) => this.#firstBot(token.userId)))];
    const bot = this.#firstBot(userId);
    const family = FAMILIES[bots.indexOf(bot)] ?? '?';
    const own = this.#ours.filter((token) => this.#firstBot(token.userId) === bot);
    return `${family}${own.findIndex((token) => token.id === id) + 1}`;
  }
}
