/**
 * The two places where a rotate request can wait, as it would for a slow
 * database: after the caller was recognised and before the project's token is
 * read again, and right before the transaction.
 */
export type HoldPoint = 'after-authentication' | 'before-commit';

/** Holds requests back until they are released. */
export interface Hold {
  /** Resolves when as many requests as were asked for are waiting. */
  readonly arrived: Promise<void>;
  /** Lets them go on, in the order in which they came. */
  release(): void;
}

interface Gate {
  readonly point: HoldPoint;
  vacant: number;
  readonly arrived: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
}

/** Makes requests meet at the places where races are lost and won. */
export class Holds {
  readonly #gates: Gate[] = [];

  /** Holds the next `count` requests that come to this point; those after them pass. */
  add(point: HoldPoint, count: number): Hold {
    const gate: Gate = {
      point,
      vacant: count,
      arrived: Promise.withResolvers(),
      released: Promise.withResolvers(),
    };
    this.#gates.push(gate);
    return {
      arrived: gate.arrived.promise,
      release: () => {
        gate.vacant = 0;
        gate.released.resolve();
      },
    };
  }

  /** Where a request waits, if it is held here. */
  async pass(point: HoldPoint): Promise<void> {
    const gate = this.#gates.find((each) => each.point === point && each.vacant > 0);
    if (!gate) {
      return;
    }
    gate.vacant -= 1;
    if (gate.vacant === 0) {
      gate.arrived.resolve();
    }
    await gate.released.promise;
  }
}
