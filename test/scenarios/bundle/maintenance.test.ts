import { describe, expect, it } from 'vitest';
import { alertsOf } from '../../../infra/local/cloud/cloud.ts';
import { MAINTENANCE } from '../../rig/scripted/gitlab-answers.ts';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { type Scene, setScene, startStage } from '../../rig/stage/stage.ts';
import { onRetry } from '../../rig/stage/strike.ts';

/** What the banner of this GitLab says, and nobody needs to read elsewhere. */
const BANNER = /noon|glpat-secret/;

/** Lets GitLab answer so to one kind of request, and never carry it out. */
function maintain({ stage }: Scene, operation: string): () => void {
  return stage.gitlab.faults.add({
    operation,
    at: 'before',
    times: Number.POSITIVE_INFINITY,
    effect: { kind: 'answer', answer: MAINTENANCE },
  });
}

/** What people read, and everything that was logged. */
function toldIn({ stage }: Scene) {
  const { cloud } = stage;
  return { alerts: alertsOf(cloud), log: JSON.stringify(cloud.lambda.logs) };
}

// Simulated time: the bundle keeps to its real budgets, and nobody waits for them.
describe('the bundle, with a GitLab in maintenance', () => {
  it.each([
    ['rotate', 'ROTATION_OUTCOME_UNKNOWN'],
    ['probe', 'GITLAB_UNREACHABLE'],
  ])(
    'that says so to each %s, says so by mail and in a chat, and rotates afterwards',
    async (operation, code) => {
      await using stage = await startStage('one token', sharedBundles());
      const scene = await setScene(stage, 'app');
      onRetry(scene, maintain(scene, operation));

      expect(await scene.rotate()).toMatchObject({ kind: 'succeeded', attempts: 2 });

      const { alerts, log } = toldIn(scene);
      expect(alerts).toEqual([expect.objectContaining({ subject: expect.stringContaining(code) })]);
      for (const text of alerts.flatMap(({ email, chat }) => [email, chat])) {
        expect(text).toContain('GitLab says: maintenance (status 503).');
        expect(text).toContain('It expects to be back in about 10 minutes');
        expect(text).not.toMatch(BANNER);
      }
      expect(log).toContain('"gitlabSays":"maintenance"');
      expect(log).not.toMatch(BANNER);
      expect(stage.gitlab.tokens.filter(({ active }) => active)).toHaveLength(1);
    },
  );
});
