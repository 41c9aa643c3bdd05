import { readHeld } from '../../../rig/stage/held.ts';
import { dropPending } from '../../../rig/stage/meanwhile.ts';
import { clearStage, type Scene } from '../../../rig/stage/stage.ts';
import { run } from '../../../rig/stage/strike.ts';

/** Between what happens, so that every version has an age of its own; longer than a step runs. */
const PAUSE_MS = 120_000;

/**
 * A rotation that AWS gives up, because somebody takes AWSPENDING off when the successor is stored:
 * it is then in a version without a label, and consumers have a dead token.
 */
export async function abandon(scene: Scene): Promise<void> {
  const { clock, cloud } = scene.stage;
  const pause = () => clock.during(clock.sleep(PAUSE_MS));
  await pause();
  const effect = run(() => dropPending(scene));
  // The first put only shows that the secret can be written.
  cloud.secretsManager.faults.add({ operation: 'PutSecretValue', at: 'after', nth: 2, effect });
  await scene.rotate();
  await pause();
  await clearStage(scene);
}

/** Somebody lets the token rotate itself in GitLab, and keeps nothing of it. */
export async function rotateInGitLab({ stage, secretId }: Scene): Promise<void> {
  const { gitlab, cloud } = stage;
  const { token } = readHeld(cloud.secretsManager.valueOf(secretId, 'AWSCURRENT'));
  const url = `${gitlab.url}/api/v4/personal_access_tokens/self/rotate`;
  const headers = { authorization: `Bearer ${token}`, connection: 'close' };
  const response = await fetch(url, { method: 'POST', headers });
  await response.arrayBuffer();
  if (!response.ok) {
    throw new Error(`GitLab rotated nothing: ${response.status}`);
  }
}
