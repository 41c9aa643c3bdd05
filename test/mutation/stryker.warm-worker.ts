import { type PoolOptions, ThreadsPoolWorker, type WorkerRequest } from 'vitest/node';

type Listener = (value: unknown) => void;
type StartRequest = Extract<WorkerRequest, { type: 'start' }>;

/**
 * A thread that outlives a run of Vitest, which starts a new one for each. So the modules under test, the
 * SDK and the rigs are loaded and compiled once for many mutants. Vitest loads the test files themselves
 * anew for each run, with all that they keep.
 */
class WarmWorker extends ThreadsPoolWorker {
  override readonly name = 'warm';
  readonly #listeners: [event: string, listener: Listener][] = [];
  #config: StartRequest['context']['config'] | undefined;
  #state: 'cold' | 'busy' | 'idle' | 'gone' = 'cold';

  get isGone(): boolean {
    return this.#state === 'gone';
  }

  override on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener]);
    super.on(event, listener);
  }

  override async start(): Promise<void> {
    if (this.#state === 'cold') {
      await super.start();
      super.on('exit', () => {
        this.#state = 'gone';
      });
    }
  }

  /** The thread is told of the first start alone, and of no stop: a later config comes with the run. */
  override send(message: WorkerRequest): void {
    if (message.type === 'stop') {
      this.#state = 'idle';
      this.#answer('stopped');
    } else if (message.type === 'start' && this.#state === 'idle') {
      this.#begin(message);
      this.#answer('started');
    } else if (message.type === 'start') {
      this.#begin(message);
      super.send(message);
    } else if (message.type === 'run') {
      const context = Object.assign(message.context, { config: this.#config });
      super.send({ ...message, context });
    } else {
      super.send(message);
    }
  }

  /** A run that ends as it should leaves the thread to the next; one that is broken off ends it. */
  override async stop(): Promise<void> {
    for (const [event, listener] of this.#listeners.splice(0)) {
      super.off(event, listener);
    }
    if (this.#state !== 'idle') {
      await this.terminate();
    }
  }

  async terminate(): Promise<void> {
    if (this.#state === 'busy' || this.#state === 'idle') {
      this.#state = 'gone';
      await super.stop();
    }
  }

  #begin({ context }: StartRequest): void {
    this.#state = 'busy';
    this.#config = context.config;
  }

  #answer(type: 'started' | 'stopped'): void {
    for (const [event, listener] of [...this.#listeners]) {
      if (event === 'message') {
        listener({ __vitest_worker_response__: true, type });
      }
    }
  }
}

/** A pool of Vitest's with one thread, which stays until it ends or is replaced. */
export class WarmPool {
  readonly name = 'warm';
  #worker: WarmWorker | undefined;

  createPoolWorker = (options: PoolOptions): WarmWorker => {
    if (this.#worker === undefined || this.#worker.isGone) {
      this.#worker = new WarmWorker(options);
    }
    return this.#worker;
  };

  async replace(): Promise<void> {
    await this.#worker?.terminate();
  }
}
