import { markedForDeletion, unknownSecret } from './errors.ts';
import type { StateFile } from './file.ts';
import type { Secret } from './secret.ts';
import { withoutVersion } from './versions.ts';

/** Reads that answer what was true some writes ago: Secrets Manager is eventually consistent. */
export interface StaleReads {
  /** For example `DescribeSecret`. */
  readonly operation: 'DescribeSecret' | 'GetSecretValue' | 'ListSecretVersionIds';
  /** ARN of the one that they are of. @default - of every secret */
  readonly secretId?: string;
  /** For how many calls from now on. @default 1 */
  readonly times?: number;
  /** How many writes to the secret are not seen. @default 1 */
  readonly writesBehind?: number;
}

/** Further back than this no read looks. */
const KEPT_VIEWS = 50;

/** All secrets of one account and region. What was saved is on disk, where there is a file. */
export class SecretsState {
  readonly #secrets: Map<string, Secret>;
  readonly #file: StateFile | undefined;
  /** By ARN, oldest first; undefined is the time before the secret was made. */
  readonly #past = new Map<string, (Secret | undefined)[]>();
  #stale: { reads: StaleReads; left: number }[] = [];

  constructor(file: StateFile | undefined) {
    this.#file = file;
    // A test run that the last process did not end: its version would block every rotation.
    const secrets = (file?.secrets ?? []).map((secret) =>
      secret.versions
        .filter(({ origin }) => origin === 'test-copy')
        .reduce((rest, { versionId }) => withoutVersion(rest, versionId), secret),
    );
    this.#secrets = new Map(secrets.map((secret) => [secret.arn, secret]));
  }

  get all(): readonly Secret[] {
    return [...this.#secrets.values()];
  }

  get(arn: string): Secret | undefined {
    return this.#secrets.get(arn);
  }

  /** Looks a secret up by name, by ARN, or by ARN without the suffix. */
  lookUp(id: string): Secret | undefined {
    return this.get(id) ?? this.all.find(({ name }) => name === id) ?? this.#byShortArn(id);
  }

  /**
   * As `lookUp`, for a secret that must exist.
   *
   * @throws {Refusal} ResourceNotFoundException
   */
  find(id: string): Secret {
    const found = this.lookUp(id);
    if (!found) {
      throw unknownSecret();
    }
    return found;
  }

  /**
   * As `find`, for a secret that must not be marked for deletion.
   *
   * @throws {Refusal} ResourceNotFoundException, InvalidRequestException
   */
  findNotDeleted(id: string): Secret {
    const found = this.find(id);
    if (found.deletedAt !== undefined) {
      throw markedForDeletion();
    }
    return found;
  }

  /** The secret as a read sees it: as it is, or as it was where stale reads are planned. */
  view(operation: StaleReads['operation'], id: string): Secret {
    const { arn } = this.find(id);
    const planned = this.#stale.find(
      ({ reads: { operation: stale, secretId = arn } }) => stale === operation && secretId === arn,
    );
    if (!planned) {
      return this.find(arn);
    }
    planned.left -= 1;
    this.#stale = this.#stale.filter(({ left }) => left > 0);
    const past = this.#past.get(arn) ?? [];
    const writesBehind = Math.min(planned.reads.writesBehind ?? 1, past.length);
    const seen = writesBehind === 0 ? this.get(arn) : past.at(-writesBehind);
    if (!seen) {
      throw unknownSecret();
    }
    return seen;
  }

  /** @returns takes back what is left of it */
  planStale(reads: StaleReads): () => void {
    const planned = { reads, left: reads.times ?? 1 };
    this.#stale.push(planned);
    return () => {
      this.#stale = this.#stale.filter((other) => other !== planned);
    };
  }

  /** Keeps a new or changed secret. The same object again is no write. */
  save(secret: Secret): void {
    const before = this.get(secret.arn);
    if (before !== secret) {
      this.#commit(secret.arn, secret);
    }
  }

  remove(arn: string): void {
    this.#commit(arn, undefined);
  }

  #commit(arn: string, secret: Secret | undefined): void {
    // First the disk: what could not be kept has not happened.
    this.#file?.save([
      ...this.all.filter((each) => each.arn !== arn),
      ...(secret === undefined ? [] : [secret]),
    ]);
    this.#past.set(arn, [...(this.#past.get(arn) ?? []), this.get(arn)].slice(-KEPT_VIEWS));
    this.#secrets.delete(arn);
    if (secret !== undefined) {
      this.#secrets.set(arn, secret);
    }
  }

  /** As AWS does it: a name that itself ends like a suffix is not found by its shortened ARN. */
  #byShortArn(id: string): Secret | undefined {
    return /-[A-Za-z0-9]{6}$/.test(id)
      ? undefined
      : this.all.find(({ arn }) => arn.slice(0, -SUFFIX_LENGTH) === id);
  }
}

/** A hyphen and six characters. */
const SUFFIX_LENGTH = 7;
