import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { checkOut } from '../local/checkout.ts';
import { startRealGitLab } from '../local/real/real-gitlab.ts';
import { beforeAnswer, exitOf, startReal, storedIn } from './interrupted-start.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// Side by side: each mostly waits.
describe.concurrent('npm start -- --project, interrupted', () => {
  it('tells the result however often it gets any signal, also while its servers stop', async () => {
    await using folder = await checkOut();
    await using gitlab = await startRealGitLab();
    const child = startReal(folder.path, gitlab);
    let again: NodeJS.Timeout | undefined;
    beforeAnswer(gitlab, () => {
      again = setInterval(() => {
        for (const signal of SIGNALS) {
          child.kill(signal);
        }
      }, 5);
    });
    child.stderr.resume();

    const [output] = await Promise.all([text(child.stdout), exitOf(child)]);
    clearInterval(again);

    expect(output).toContain('Rotated.');
    expect(storedIn(folder.path, 'AWSCURRENT')).toContain('successor-1');
  });

  it('rotates to the end when the terminal closes, though nobody can read its output', async () => {
    await using folder = await checkOut();
    await using gitlab = await startRealGitLab();
    const child = startReal(folder.path, gitlab);
    beforeAnswer(gitlab, async () => {
      child.stdout.destroy();
      child.stderr.destroy();
      child.kill('SIGHUP');
      await sleep(300);
    });

    const exit = await exitOf(child);

    expect(exit).toEqual({ code: 0, signal: null });
    expect(storedIn(folder.path, 'AWSCURRENT')).toContain('successor-1');
  });
});
