/** The room that a label takes, from left to right. */
export interface Extent {
  readonly left: number;
  readonly right: number;
}

const GAP = 8;

/**
 * Finds for each label the first row in which it meets no other.
 *
 * @returns the rows from 0, in the order of the labels
 */
export function rowsOf(labels: readonly Extent[]): readonly number[] {
  const ends: Extent[][] = [];
  return labels.map((label) => {
    const free = ends.findIndex((row) => row.every((other) => isApart(label, other)));
    const row = free === -1 ? ends.length : free;
    ends[row] = [...(ends[row] ?? []), label];
    return row;
  });
}

/** Whether there is a gap between the two. */
export function isApart(one: Extent, other: Extent): boolean {
  return one.right + GAP <= other.left || other.right + GAP <= one.left;
}
