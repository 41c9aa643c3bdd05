/** A call with a time-out. */
export type Call<T> = (timeoutMs: number) => Promise<T>;

/**
 * Waits until all calls have ended, even if one fails. A call that went on after the step could be
 * stopped halfway, or frozen with the process.
 *
 * @throws of several failures the one of the first call in the list
 */
export async function sideBySide<const T extends readonly unknown[]>(
  calls: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(calls);
  return Promise.all(calls);
}

/**
 * Makes a call before it is known whether its answer is needed: one that reads, or can be repeated
 * without harm.
 *
 * @returns once it has ended: the call, which first gives that answer, or failure, and then calls again
 */
export async function early<T>(call: Call<T>, timeoutMs: number): Promise<Call<T>> {
  let made: Promise<T> | undefined = call(timeoutMs);
  await made.catch(() => undefined);
  return (laterMs) => {
    const answer = made ?? call(laterMs);
    made = undefined;
    return answer;
  };
}
