import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { askWatch, type DeployedWatch } from '../../../infra/status/ask-watch.ts';
import { show, status } from '../../../infra/status/command.ts';
import { startLocalWatch } from '../../../infra/status/local.ts';
import { hasFindings, type Report, withDays } from '../../../infra/status/report.ts';
import { presentStatus } from '../../../infra/status/table.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { blocks, section } from '../../rig/documents/documents.ts';
import { sharedBundle } from '../../rig/vitest/shared-bundle.ts';

const clock = new SimulatedClock(new Date('2026-11-30T06:00:00Z'));
let watch: DeployedWatch;
let report: Report;

beforeAll(async () => {
  watch = await clock.during(startLocalWatch({ count: 9, clock, bundle: sharedBundle() }));
  report = await clock.during(askWatch(watch));
});
afterAll(() => watch[Symbol.asyncDispose]());

describe('npm run status -- --local', () => {
  it('has secrets that are broken in all these ways, and well ones', () => {
    const found = report.secrets.map(({ name, findings }) => [
      name,
      findings.map(({ code }) => code),
    ]);

    expect(Object.fromEntries(found)).toEqual({
      'docs/gitlab-token': ['REVOKED'],
      'legacy/gitlab-token': ['SECRET_MALFORMED'],
      'mobile/gitlab-token': ['EXPIRES_SOON'],
      'search/gitlab-token': ['SCOPE_MISSING'],
      'mail/gitlab-token': ['ROTATION_STUCK'],
      'billing/gitlab-token': ['ROTATION_DISABLED'],
      'app/gitlab-token': [],
      'web/gitlab-token': [],
      'team-9/gitlab-token': [],
    });
    expect(hasFindings(report)).toBe(true);
    // Of values of all kinds.
    expect(JSON.stringify(report)).not.toMatch(/glpat-|not a token|of-a-rotation-that-failed/);
  });

  it('shows what README.md shows', () => {
    const [example] = blocks('text', section('Status'));
    const { secrets, ...others } = report;
    const three = /^(app|docs|mobile)/;
    const shown = { ...others, secrets: secrets.filter(({ name }) => three.test(name)) };

    expect(example).toBe(`${presentStatus(shown, { title: watch.title, width: 100 })}\n`);
  });
});

describe('npm run status', () => {
  let output = '';
  function listen(): void {
    output = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += text;
      return true;
    });
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
  }

  it('prints one JSON object for programs, and ends with 1 where something was found', () => {
    listen();

    expect(show(report, { json: true, title: 'Secrets' })).toBe(1);
    expect(JSON.parse(output)).toEqual(withDays(report));
  });

  it('prints the table without colours where nobody looks, and ends with 0 where all is well', () => {
    listen();
    const secrets = report.secrets.filter(({ findings }) => findings.length === 0);

    expect(show({ ...report, secrets }, { json: false, title: 'Secrets' })).toBe(0);
    expect(output).toMatch(/^✓ app\/gitlab-token .*\n\nNo findings in 3 secrets\.\n$/ms);
    expect(output).not.toContain('\u001b[');
  });

  it('explains itself', async () => {
    listen();

    await expect(status(['--help'])).resolves.toBe(0);

    expect(output).toContain('lambda:InvokeFunction');
  });

  it.each([
    [['--secrets', '3'], /--secrets belongs to --local/],
    [['--local', '--secrets', '0'], /--secrets must be a whole number from 1 to 200, got "0"/],
    [['--local', '--secrets', 'many'], /got "many"/],
    [['--local', 'app/gitlab-token'], /--local has secrets of its own/],
    [['--local', '--profile', 'me'], /--local has secrets of its own/],
    [['--colour'], /--colour/],
  ])('refuses %j', async (args, message) => {
    await expect(status(args)).rejects.toThrow(message);
  });
});
