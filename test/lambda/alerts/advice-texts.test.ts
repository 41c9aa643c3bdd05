import { expect, it } from 'vitest';
import type { Action } from '../../../lambda/alerts/advice.ts';
import { ARN, CURRENT, VERSION } from './advice-cases.ts';
import { adviseIn, OLDER, SITUATIONS } from './advice-situations.ts';

/** A long id would hide the text. */
function shortened(text: string): string {
  return text
    .replaceAll(ARN, 'ARN')
    .replaceAll(VERSION, 'NEW')
    .replaceAll(CURRENT, 'OLD')
    .replaceAll(OLDER, 'OLDER');
}

/** Many advices end alike: what was written out once is named by its beginning from then on. */
function writer() {
  const known = new Set<string>();
  return ({ text, commands = [] }: Action): string => {
    const whole = [`- ${text}`, ...commands.map((command) => `    ${command}`)].join('\n');
    const written = known.has(whole) ? `- ${text.slice(0, 60)} [...]` : whole;
    known.add(whole);
    return written;
  };
}

it('says word for word what somebody has read and found right', async () => {
  const write = writer();
  const texts = SITUATIONS.map((situation) => {
    const { code, step = 'createSecret', details = {} } = situation;
    const { happened, affected, todo } = adviseIn(situation);
    const title = `# ${code} in ${step} ${JSON.stringify(details)}`;
    return [title, happened, affected, ...todo.map(write)].join('\n');
  });

  await expect(shortened(`${texts.join('\n\n')}\n`)).toMatchFileSnapshot('advice-texts.txt');
});

it('fits a step of a chat, whatever is told', () => {
  const steps = SITUATIONS.flatMap((situation) => adviseIn(situation).todo);

  // The chat numbers them, and takes 350 characters.
  expect(steps.map(({ text }) => text).filter(({ length }) => length > 345)).toEqual([]);
});
