import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findFault } from '../../../../infra/local/demo/demo-faults.ts';
import { endingOf, expectedEnding } from '../../../../infra/local/demo/ending.ts';
import type { DemoEnding, DemoReport, LabelState } from '../../../../infra/local/demo/report.ts';
import { presentDemo } from '../../../../infra/local/show/present.ts';

const ACTIVE = { label: 'AWSCURRENT', tokenId: '1', status: 'active', expiresAt: null } as const;

function stateWith(...labels: readonly LabelState[]) {
  return { labels, orphans: [] };
}

describe(endingOf, () => {
  it.each<[string, LabelState, DemoEnding]>([
    ['succeeded', ACTIVE, 'rotated'],
    ['failed', ACTIVE, 'not rotated'],
    ['abandoned', ACTIVE, 'not rotated'],
    ['failed', { ...ACTIVE, status: 'revoked' }, 'current token lost'],
    ['succeeded', { ...ACTIVE, status: 'expired' }, 'current token lost'],
    ['failed', { label: 'AWSCURRENT' }, 'current token lost'],
  ])('of a rotation that %s with %o is %s', (outcome, current, ending) => {
    expect(endingOf(outcome, stateWith(current))).toBe(ending);
  });
});

describe(expectedEnding, () => {
  it.each<[string | undefined, boolean, boolean, DemoEnding]>([
    [undefined, false, false, 'rotated'],
    [undefined, true, true, 'rotated'],
    ['read-only', true, true, 'not rotated'],
    ['answer-lost', false, false, 'current token lost'],
    ['answer-lost', true, false, 'rotated'],
    ['answer-lost', false, true, 'not rotated'],
    ['answer-lost', true, true, 'rotated'],
    ['store-denied-late', true, false, 'current token lost'],
    ['store-denied-late', true, true, 'not rotated'],
    ['token-revoked', true, false, 'current token lost'],
    ['token-revoked', false, true, 'rotated'],
  ])('of %s, with recovery: %s, alternating: %s, is %s', (name, recovery, alternating, ending) => {
    const fault = name === undefined ? undefined : findFault(name);

    expect(expectedEnding(fault, { recovery, alternating })).toBe(ending);
  });
});

describe('a demonstration', () => {
  const report: DemoReport = {
    outcome: 'succeeded',
    ending: 'rotated',
    expectedEnding: 'rotated',
    attempts: 1,
    steps: [],
    before: stateWith(ACTIVE),
    after: stateWith(ACTIVE),
    calls: {},
    inactiveWindow: { ms: 0, ongoing: false },
    alerts: [],
    alertDelivery: { published: 0, refused: 0, logged: 0, stopped: 0 },
  };
  const shown = (more: Partial<DemoReport>) =>
    stripVTControlCharacters(presentDemo({ ...report, ...more }, { width: 100 }));

  it('that ends otherwise than it should says so', () => {
    expect(shown({ expectedEnding: 'current token lost' })).toContain(
      'This demonstration should have ended with: current token lost. It ended with: rotated\n',
    );
  });

  it('that ends as it should says nothing of it', () => {
    expect(shown({})).not.toContain('should have ended');
  });
});
