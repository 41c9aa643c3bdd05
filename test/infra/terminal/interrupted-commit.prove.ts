import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { checkOut } from '../local/checkout.ts';
import { startRealGitLab } from '../local/real/real-gitlab.ts';
import { beforeAnswer, exitOf, startReal, storedIn } from './interrupted-start.ts';

// Other signals, and a terminal that closes: interruptions.prove.ts.
describe('npm start -- --project, interrupted', () => {
  it('rotates to the end when it is interrupted between the commit of GitLab and its answer', async () => {
    await using folder = await checkOut();
    await using gitlab = await startRealGitLab();
    const child = startReal(folder.path, gitlab);
    beforeAnswer(gitlab, async () => {
      child.kill('SIGINT');
      await sleep(300);
    });

    const [output, told, exit] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      exitOf(child),
    ]);

    expect(exit).toEqual({ code: 0, signal: null });
    expect(output).toContain('Rotated.');
    expect(told).toContain('The rotation is under way, and ends by itself within minutes.');
    expect(gitlab.isActive('successor-1')).toBe(true);
    expect(storedIn(folder.path, 'AWSCURRENT')).toContain('successor-1');
  });
});
