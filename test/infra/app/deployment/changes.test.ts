import { describe, expect, it } from 'vitest';
import { presentChanges, type ResourceChange } from '../../../../infra/app/deployment/changes.ts';
import type { Properties } from '../../../../infra/app/deployment/kinds.ts';

const FUNCTION = 'AWS::Lambda::Function';
const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';

function update(
  type: string,
  before: Properties,
  after: Properties,
  others: Partial<ResourceChange> = {},
): ResourceChange {
  const properties = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const label = undefined;
  return { logicalId: 'Id', type, verb: 'update', label, before, after, properties, ...others };
}

/** What stands below the function of which these properties change. */
function linesOf(before: Properties, after: Properties, width = 80): readonly string[] {
  const [head, ...lines] = presentChanges([update(FUNCTION, before, after)], width);
  expect(head).toBe('  update  function');
  expect(lines.filter((line) => line.length > width)).toEqual([]);
  return lines.map((line) => line.slice('      '.length));
}

function variables(...values: readonly object[]): [Properties, Properties] {
  const [before = {}, after = {}] = values.map((Variables) => ({ Environment: { Variables } }));
  return [before, after];
}

describe('the changes of a deployment', () => {
  it('say what each value was and will be, in a line', () => {
    const lines = linesOf(
      { MemorySize: 256, Tags: { team: 'a' }, VpcConfig: { SubnetIds: ['a', 'b'] } },
      {
        MemorySize: 512,
        Tags: { team: 'a', cost: '1' },
        VpcConfig: { SubnetIds: ['b'] },
      },
    );

    expect(lines).toEqual([
      'MemorySize: 256 → 512',
      'Tags.cost: none → 1',
      'VpcConfig.SubnetIds: a, b → b',
    ]);
  });

  it('name a variable of the function alone, and look into the settings of secrets', () => {
    const lines = linesOf(
      ...variables(
        {
          TOKEN_LIFETIME_DAYS: '90',
          HTTPS_PROXY: 'http://proxy.acme.dev:3128',
          SECRET_SETTINGS: '{"app/a":{"tokenLifetimeDays":60},"app/b":{"tokenField":"t"}}',
        },
        { TOKEN_LIFETIME_DAYS: '60', SECRET_SETTINGS: '{"app/a":{"tokenLifetimeDays":30}}' },
      ),
    );

    expect(lines).toEqual([
      'TOKEN_LIFETIME_DAYS: 90 → 60',
      'HTTPS_PROXY: http://proxy.acme.dev:3128 → none',
      'app/a.tokenLifetimeDays: 60 → 30',
      'app/b.tokenField: t → none',
    ]);
  });

  it('only say that code, documents and references change', () => {
    const key = `${'0123456789abcdef'.repeat(4)}.zip`;
    const lines = linesOf(
      { Code: { S3Bucket: 'b', S3Key: key }, Policy: { Statement: [{ Action: 'a' }] }, Role: 'r' },
      {
        Code: { S3Bucket: 'b', S3Key: `f${key}` },
        Policy: { Statement: [{}] },
        Layers: [{ Ref: 'L' }],
      },
    );

    expect(lines).toEqual(['Code: changed', 'Policy: changed', 'Role: r → none', 'Layers: added']);
    expect(linesOf({ KmsKeyArn: { Ref: 'Key' } }, {})).toEqual(['KmsKeyArn: removed']);
  });

  it('show nothing that may be a password or a secret', () => {
    const proxies = ['http://me:first@proxy', 'http://me:second@proxy'];
    const [before, after] = variables(
      ...proxies.map((HTTPS_PROXY) => ({ HTTPS_PROXY, NO_PROXY: HTTPS_PROXY.slice(-12) })),
    );

    expect(linesOf(before, after)).toEqual(['HTTPS_PROXY: changed', 'NO_PROXY: changed']);
    expect(linesOf({ SecretString: 'first' }, { SecretString: 'second' })).toEqual([
      'SecretString: changed',
    ]);
    expect(linesOf({ SecretString: '{"token":"first"}' }, {})).toEqual(['SecretString: removed']);
  });

  it('name what changes beside the properties', () => {
    const change = update(SCHEDULE, {}, {}, { label: 'app/a', properties: ['DependsOn'] });

    expect(presentChanges([change], 80)).toEqual([
      '  update  rotation schedule app/a',
      '      DependsOn: changed',
    ]);
  });

  it('cut what does not fit into a line, and keep what differs', () => {
    const hosts = Array.from({ length: 40 }, (_, index) => `host-${index}.acme.dev`).join();
    const lines = linesOf(
      { ...variables({ NO_PROXY: hosts })[0], Description: 'x'.repeat(90) },
      { ...variables({ NO_PROXY: `${hosts},last.acme.dev` })[0], Description: 'y'.repeat(90) },
    );

    expect(lines).toEqual([
      'NO_PROXY: …me.dev → …me.dev,last.acme.dev',
      `Description: ${'x'.repeat(28)}… → ${'y'.repeat(28)}…`,
    ]);
    const name = 'long/'.repeat(40);
    const settings = [60, 30].map((days) => ({
      SECRET_SETTINGS: JSON.stringify({ [name]: { tokenLifetimeDays: days } }),
    }));
    expect(linesOf(...variables(...settings))).toEqual([
      expect.stringMatching(/^…\w*\/(?:long\/)+\.tokenLifetimeDays: 60 → 30$/),
    ]);
  });

  it('end where nobody would read on', () => {
    const settings = [60, 30].map((tokenLifetimeDays) => {
      const names = Array.from({ length: 30 }, (_, index) => [
        `app/${index}`,
        { tokenLifetimeDays },
      ]);
      return { SECRET_SETTINGS: JSON.stringify(Object.fromEntries(names)) };
    });

    const lines = linesOf(...variables(...settings));

    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe('and 18 more');
  });

  it('put together what changes alike', () => {
    const schedule = (label: string, Duration: string) =>
      update(SCHEDULE, { RotationRules: {} }, { RotationRules: { Duration } }, { label });
    const names = Array.from({ length: 12 }, (_, index) => `platform/team-${index}`);

    const lines = presentChanges(
      [
        schedule('app/a', '3h'),
        schedule('app/b', '2h'),
        ...names.map((name) => schedule(name, '3h')),
      ],
      80,
    );

    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toEqual([
      '  update  13 rotation schedules app/a, platform/team-0, platform/team-1,',
      expect.stringMatching(/^ {10}platform\/team-2, /),
      expect.stringMatching(/^ {10}platform\/team-6, /),
      expect.stringMatching(/^ {10}platform\/team-10, platform\/team-11$/),
      '      RotationRules.Duration: none → 3h',
      '  update  rotation schedule app/b',
      '      RotationRules.Duration: none → 2h',
    ]);
  });
});
