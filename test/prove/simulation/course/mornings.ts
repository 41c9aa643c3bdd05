import { DAY_MS, HOUR_MS, type WatchMark } from '../timeline/timeline.ts';
import { runWatch } from '../world/watch.ts';
import type { World } from '../world/world.ts';

/** In UTC: when the watch runs unless `watchTime` is set. */
const TIME_OF_DAY_MS = 6 * HOUR_MS;

/** When the watch runs next. Milliseconds since the beginning. */
export function nextMorning({ clock, elapsed }: Pick<World, 'clock' | 'elapsed'>): number {
  const now = clock.now().getTime();
  const today = now - (now % DAY_MS) + TIME_OF_DAY_MS;
  return (today > now ? today : today + DAY_MS) - now + elapsed();
}

/** Runs the watch every morning, as its schedule does. */
export async function followMornings(world: World, end: number): Promise<readonly WatchMark[]> {
  const marks: WatchMark[] = [];
  for (let at = nextMorning(world); at < end; at += DAY_MS) {
    await world.clock.sleep(at - world.elapsed());
    const { secrets } = await runWatch(world);
    const findings = secrets.flatMap((secret) => secret.findings);
    const [worst] = findings;
    marks.push({ at, codes: findings.map(({ code }) => code), ...(worst && { risk: worst.risk }) });
  }
  return marks;
}
