import { onTestFinished, vi } from 'vitest';

/** The time-outs that the code under test sets, without the machine's clock. */
export interface HeldTimeouts {
  /** How long each was to be, in milliseconds, oldest first. */
  readonly asked: readonly number[];
  /** Ends every time-out that was set so far. */
  end(): void;
}

/** Holds every `AbortSignal.timeout` until the test ends it. */
export function holdTimeouts(): HeldTimeouts {
  const asked: number[] = [];
  const controllers: AbortController[] = [];
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    asked.push(ms);
    controllers.push(controller);
    return controller.signal;
  });
  onTestFinished(() => timeout.mockRestore());
  return {
    asked,
    end() {
      for (const controller of controllers) {
        controller.abort(new DOMException('the time is over', 'TimeoutError'));
      }
    },
  };
}
