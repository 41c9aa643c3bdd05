import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../lambda/log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe(createLog, () => {
  it.each(['info', 'warn', 'error'] as const)(
    'gives console.%s a single object, which is what Lambda makes a line of',
    (level) => {
      const write = vi.spyOn(console, level).mockReturnValue();

      createLog()[level]('rotation step started', { durationMs: 3 });

      expect(write.mock.calls).toStrictEqual([
        [{ message: 'rotation step started', durationMs: 3 }],
      ]);
    },
  );

  it('puts the ids that it is bound to into every line', () => {
    const write = vi.spyOn(console, 'info').mockReturnValue();
    const log = createLog({ step: 'createSecret' }).with({ secret: 'app/token' });

    log.info('no details');
    log.info('details', { step: 'another', status: 200 });

    expect(write.mock.calls).toStrictEqual([
      [{ message: 'no details', step: 'createSecret', secret: 'app/token' }],
      [{ message: 'details', step: 'createSecret', secret: 'app/token', status: 200 }],
    ]);
  });

  it('leaves the log that another is bound from as it was', () => {
    const write = vi.spyOn(console, 'warn').mockReturnValue();
    const log = createLog();

    log.with({ secret: 'app/token' });
    log.warn('unbound');

    expect(write.mock.calls).toStrictEqual([[{ message: 'unbound' }]]);
  });
});
