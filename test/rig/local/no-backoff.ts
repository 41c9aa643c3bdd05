import { vi } from 'vitest';

/** The SDK draws how long it waits before it asks again, by the clock of the machine: not at all. */
export function withoutBackoff(): Disposable {
  const drawn = vi.spyOn(Math, 'random').mockReturnValue(0);
  return { [Symbol.dispose]: () => drawn.mockRestore() };
}
