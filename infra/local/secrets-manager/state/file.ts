import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Secret } from './secret.ts';
import type { SecretVersion } from './versions.ts';

/** The state of one local Secrets Manager on disk, readable by its owner only. */
export interface StateFile {
  /** As they were when the file was opened. */
  readonly secrets: readonly Secret[];
  /**
   * Replaces the content: after a crash the file holds the old state or the new one, whole.
   *
   * @throws {Error} when another process has written the file in between
   */
  save(secrets: readonly Secret[]): void;
}

const FORMAT = 'gitlab-token-rotation/secrets/1';

/**
 * Opens the file, which need not exist yet.
 *
 * @throws {Error} when it holds something else than a state; it is left as it is
 */
export function openStateFile(path: string): StateFile {
  const file = resolve(path);
  let known = identityOf(file);
  const secrets = known === undefined ? [] : parseState(readFileSync(file, 'utf8'), file);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });

  return {
    secrets,
    save(next) {
      // Two servers on one file would undo each other's writes, and lose an active token.
      if (identityOf(file) !== known) {
        throw new Error(`state file ${file} was changed by another process`);
      }
      replace(file, JSON.stringify({ format: FORMAT, secrets: next }));
      known = identityOf(file);
    },
  };
}

/** Changes with each version of the file, which is a new inode. */
function identityOf(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
}

function replace(file: string, content: string): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    // Written and flushed before it takes the name, so that the name never shows half a state.
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  // The new name itself is durable only once the folder is.
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function parseState(content: string, file: string): readonly Secret[] {
  let state: unknown;
  try {
    state = JSON.parse(content);
  } catch {
    // Without the cause: it quotes its input, which holds secrets.
  }
  if (!isState(state)) {
    throw new Error(
      `state file ${file} holds no secrets of this program (expected format ${FORMAT}); it was left as it is`,
    );
  }
  return state.secrets;
}

function isState(state: unknown): state is { readonly secrets: readonly Secret[] } {
  return (
    isObject(state) &&
    state['format'] === FORMAT &&
    Array.isArray(state['secrets']) &&
    state['secrets'].every(isSecret)
  );
}

// Deep enough to recognise a file that was cut, merged or edited.
function isSecret(secret: unknown): secret is Secret {
  return (
    isObject(secret) &&
    typeof secret['arn'] === 'string' &&
    typeof secret['name'] === 'string' &&
    typeof secret['createdAt'] === 'number' &&
    Array.isArray(secret['versions']) &&
    secret['versions'].every(isVersion)
  );
}

function isVersion(version: unknown): version is SecretVersion {
  if (!isObject(version) || typeof version['versionId'] !== 'string') {
    return false;
  }
  const { labels, value, origin } = version;
  return (
    Array.isArray(labels) &&
    labels.every((label) => typeof label === 'string') &&
    typeof origin === 'string' &&
    (value === undefined || (isObject(value) && typeof value['text'] === 'string'))
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
