import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { rotationSchema } from '../../infra/app/settings/schema.ts';
import { secret } from '../../infra/app/settings/secret.ts';
import { checkedRules } from '../../infra/construct/checks/schedule.ts';
import { parseSecret } from '../../lambda/secret/secret-value.ts';
import packageJson from '../../package.json' with { type: 'json' };
import {
  ALL,
  blocks,
  commands,
  DOCUMENTS,
  README,
  ROOT,
  section,
} from '../rig/documents/documents.ts';

describe('README.md', () => {
  it('lists, with infra/operations.md, every setting of the app, and no other', () => {
    const table = section('Settings') + section('More settings');
    const cells = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
    const listed = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key));
    const known = Object.keys(rotationSchema.shape).filter((key) => key !== '$schema');

    expect(listed.toSorted()).toEqual(known.toSorted());
    for (const key of Object.keys(secret.shape)) {
      expect(table).toMatch(new RegExp(`[\`"]${key}[\`"]`));
    }
  });

  it('has a table of survival in which the ends of the cells add up', () => {
    const [, table = ''] = /^<!-- survival: .*?-->$(.*?)^<!--/ms.exec(README) ?? [];
    const rows = table.trim().split('\n').slice(2);
    const numbers = rows.map((row) =>
      row
        .split('|')
        .slice(2, -1)
        .map((cell) => Number(cell) || 0),
    );
    const [played, ...ends] = numbers.slice(0, 7);

    expect(README).toContain('Lines 2 to 7 are the possible ends of a cell, and add up to line 1.');
    expect(
      played?.map((_, column) => ends.reduce((sum, end) => sum + (end[column] ?? 0), 0)),
    ).toEqual(played);
  });

  it('says what a month costs: the sum of the parts that it names, and some cents', () => {
    const cost = section('Cost and speed');
    const dollars = (pattern: RegExp) => Number(pattern.exec(cost)?.[1]);
    const eachSecret = dollars(/\$([\d.]+) for each secret/);
    const key = dollars(/\$([\d.]+) for the KMS key/);
    const alarms = dollars(/\$([\d.]+) for three alarms/);
    expect(cost).toMatch(/one cent for the\s+\[metrics\]\S+ of each token/);

    for (const [secrets, stated] of [
      [1, dollars(/costs \$([\d.]+) for one token/)],
      [30, dollars(/and \$([\d.]+) for thirty/)],
    ] as const) {
      const cents = Math.round((stated - secrets * (eachSecret + 0.01) - key - alarms) * 100);
      expect(cents).toBeGreaterThan(0);
      expect(cents).toBeLessThan(20);
    }
  });
});

describe('the documents', () => {
  it('show a schedule that can be deployed', () => {
    const [, schedule = ''] = /`"schedule": "(.*?)"/.exec(ALL) ?? [];

    expect(schedule).toMatch(/^cron/);
    expect(() => checkedRules('', { schedule: Schedule.expression(schedule) })).not.toThrow();
  });

  it.each(commands('npm '))('name a script that exists: %s', (command) => {
    const [, verb = '', name = ''] = command.split(' ');
    const script = verb === 'run' ? name : verb;

    expect(['ci', 'install', 'pack', ...Object.keys(packageJson.scripts)]).toContain(script);
  });

  it.each(blocks('sh'))('have shell commands that a shell can read: %s', (block) => {
    expect(() => execFileSync('bash', ['-n'], { input: block })).not.toThrow();
  });

  it('wait for a token in a subshell only, where no line that is pasted along is taken for it', () => {
    const lines = blocks('sh').flatMap((block) => block.split('\n'));
    const waiting = lines.filter((line) => line.includes('read -rs'));

    expect(waiting).not.toEqual([]);
    for (const line of waiting) {
      expect(line).toMatch(/^(?:for .*; do .*)?\( read -rs .* \)(?:; done)?$/);
    }
  });

  it('call operations that Secrets Manager has', () => {
    const calls = blocks('sh').flatMap((block) => [
      ...block.matchAll(/aws secretsmanager ([a-z-]+)/g),
    ]);

    expect(calls).not.toEqual([]);
    for (const [, name = ''] of calls) {
      const operation = name.replace(/(?:^|-)([a-z])/g, (_, letter: string) =>
        letter.toUpperCase(),
      );
      expect(secretsManager).toHaveProperty(`${operation}Command`);
    }
  });

  it.each(blocks('json').filter(isRotationFile))(
    'show a rotation.json that is read: %s',
    (file) => {
      expect(rotationSchema.safeParse(JSON.parse(file)).error).toBeUndefined();
    },
  );

  const secrets = blocks('json').filter((block) => !isRotationFile(block));

  it.each(secrets)('show a secret that can be read: %s', (secretString) => {
    const settings = {
      gitlabUrl: 'https://gitlab.example.com',
      tokenField: 'token',
      lifetimeDays: 90,
    };

    expect(parseSecret(secretString, settings)).toMatchObject({ token: 'the-token' });
  });

  it('in the npm package link to no file, because it holds none of those', () => {
    const packed = [...DOCUMENTS.keys()].filter((path) => packageJson.files.includes(path));
    const targets = links().filter(([document]) => packageJson.files.includes(document));

    expect(packed).toEqual(['infra/construct/README.md']);
    expect(targets.map(([, target]) => target).filter((each) => !each.startsWith('#'))).toEqual([]);
  });

  it.each(links())('link to what exists: %s → %s', (document, target) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document : relative(ROOT, join(ROOT, dirname(document), path));

    expect(existsSync(join(ROOT, file))).toBe(true);
    if (anchor !== undefined) {
      expect(anchorsOf(readFileSync(join(ROOT, file), 'utf8'))).toContain(anchor);
    }
  });
});

describe('the survivors of the mutations', () => {
  const text = readFileSync(join(ROOT, 'test/mutation/stryker-survivors.md'), 'utf8');
  const inCode = (part: string) => [...part.matchAll(/`(.+?)`/g)].map(([, name = '']) => name);
  const places = [...text.matchAll(/^\| (`\S+\.ts`.*?) \| /gm)].map(([, place = '']) => place);

  it.each(places)('are in code that exists: %s', (place) => {
    const paths = inCode(place).filter((name) => name.endsWith('.ts'));
    const functions = inCode(place).filter((name) => !paths.includes(name));
    const code = paths.map((path) => readFileSync(join(ROOT, 'lambda', path), 'utf8')).join('\n');

    for (const name of functions) {
      expect(code).toMatch(new RegExp(`${name}[<(]`));
    }
  });

  it('name paths that exist', () => {
    const paths = inCode(text).filter((name) => /^(?:lambda|test)\//.test(name));

    expect(paths).not.toEqual([]);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

function isRotationFile(block: string): boolean {
  return 'secrets' in JSON.parse(block);
}

/** Every link within the project, with the document that has it. */
function links(): (readonly [document: string, target: string])[] {
  return [...DOCUMENTS].flatMap(([document, text]) => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    return [...new Set(targets)]
      .filter((target) => !target.startsWith('https:'))
      .map((target) => [document, target] as const);
  });
}

/** What GitHub and GitLab make of the headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/ /g, '-'),
  );
}
