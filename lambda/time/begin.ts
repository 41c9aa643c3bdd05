/** A call with a time-out. */
export type Call<T> = (timeoutMs: number) => Promise<T>;

/**
 * Begins a call that reads, or that can be repeated without harm, before anybody needs its answer.
 * So it goes on beside other calls.
 *
 * @returns the call: the first time, it gives the answer of what was begun, and later it calls again
 */
export function begin<T>(call: Call<T>, timeoutMs: number): Call<T> {
  let begun: Promise<T> | undefined = call(timeoutMs);
  // Where an earlier call decides the step, nobody asks for it.
  begun.catch(() => undefined);
  return (laterMs) => {
    const answer = begun ?? call(laterMs);
    begun = undefined;
    return answer;
  };
}
