import type { Details } from '../failure.ts';
import type { IssuedToken } from '../ports/access-tokens.ts';
import type { RotationRequest } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import type { HeldToken } from '../secret/secret-members.ts';
import type { Target } from './target.ts';

/** A run of createSecret. It also knows what earlier runs in this process left behind. */
export interface CreateRun extends Run {
  readonly memory: SuccessorMemory;
}

/** A successor that only this process knows, and what it belongs to. */
export interface UnstoredSuccessor {
  readonly target: Target;
  readonly successor: IssuedToken;
  /** The details of the notice HEALED, sent once it is stored. @default - no notice: no token was lost or dead */
  readonly recovered?: Details;
}

/**
 * What became of the successors that this process got, until it ends. Lambda
 * promises no process a second invocation, but the next attempt often meets the
 * same one.
 */
export class SuccessorMemory {
  // By the secret: the next attempt may be a rotation that somebody began anew.
  readonly #unstored = new Map<string, UnstoredSuccessor>();
  /** The version that a value was last put into, by the secret. */
  readonly #filled = new Map<string, string>();

  /** Keeps a successor that could not be stored, for when Secrets Manager is back. */
  keep({ secretId }: RotationRequest, unstored: UnstoredSuccessor): void {
    this.#unstored.set(secretId, unstored);
  }

  /** The successor that is kept for the secret. */
  keptFor({ secretId }: RotationRequest): UnstoredSuccessor | undefined {
    return this.#unstored.get(secretId);
  }

  /** The successor is stored, or superfluous. */
  forget({ secretId }: RotationRequest): void {
    this.#unstored.delete(secretId);
  }

  /** A put has shown that the version has a value: this process's, or that of another run. */
  noteFilled({ secretId, versionId }: RotationRequest): void {
    this.#filled.set(secretId, versionId);
  }

  /** A read has shown the value of the version. It may be the kept successor, stored after all. */
  noteSeen(request: RotationRequest, { token }: HeldToken): void {
    this.noteFilled(request);
    if (this.keptFor(request)?.successor.token === token) {
      this.forget(request);
    }
  }

  /** Whether the version has a value, although reads may not show it yet. */
  isFilled({ secretId, versionId }: RotationRequest): boolean {
    return this.#filled.get(secretId) === versionId;
  }
}
