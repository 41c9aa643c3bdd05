import type { Stage } from './stage.ts';

/** As long as a GitLab at work takes. */
const ANSWER_MS = 200;

/** How a GitLab fares that limits the rate. */
export interface Load {
  /** Requests that came, and those of them that were refused. */
  asked: number;
  refused: number;
  /** Requests at the same time: now, and at most so far. */
  atOnce: number;
  mostAtOnce: number;
}

/** Lets GitLab answer so many requests in a minute, and refuse the others until it is over. */
export function limitRate(
  { gitlab, clock }: Pick<Stage, 'gitlab' | 'clock'>,
  perMinute: number,
): Load {
  const load: Load = { asked: 0, refused: 0, atOnce: 0, mostAtOnce: 0 };
  let minute = -1;
  let count = 0;
  const begin = () => {
    const now = clock.now().getTime();
    if (Math.floor(now / 60_000) !== minute) {
      minute = Math.floor(now / 60_000);
      count = 0;
    }
    count += 1;
    load.asked += 1;
    load.refused += count > perMinute ? 1 : 0;
    load.atOnce += 1;
    load.mostAtOnce = Math.max(load.mostAtOnce, load.atOnce);
    gitlab.settings.retryAfterSeconds =
      count > perMinute ? Math.ceil(((minute + 1) * 60_000 - now) / 1000) : undefined;
  };
  const end = () => {
    load.atOnce -= 1;
  };
  const always = { operation: '*', times: Number.POSITIVE_INFINITY } as const;
  gitlab.faults.add({ ...always, at: 'before', effect: { kind: 'run', run: begin } });
  gitlab.faults.add({ ...always, at: 'after', effect: { kind: 'delay', ms: ANSWER_MS } });
  gitlab.faults.add({ ...always, at: 'after', effect: { kind: 'run', run: end } });
  return load;
}
