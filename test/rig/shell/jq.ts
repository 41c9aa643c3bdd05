// The filters of the README and of the alerts, for a machine without jq.

import { readFileSync } from 'node:fs';

type Members = Readonly<Record<string, unknown>>;

const TOKEN = process.env['TOKEN'];

const FILTERS: Readonly<Record<string, (input: Members) => unknown>> = {
  '.token': ({ token }) => token,
  '{token: env.TOKEN}': () => ({ token: TOKEN }),
  '{token: env.TOKEN, projectId: "group/app"}': () => ({ token: TOKEN, projectId: 'group/app' }),
  '.token = env.TOKEN | del(.tokenId)': ({ tokenId, ...input }) => ({ ...input, token: TOKEN }),
  '.standby.token = env.TOKEN | del(.standby.tokenId)': ({ standby, ...input }) => {
    const { tokenId: _, ...others } = (standby ?? {}) as Members;
    return { ...input, standby: { ...others, token: TOKEN } };
  },
  '{tokenId, standbyTokenId: .standby.tokenId}': ({ tokenId = null, standby }) => ({
    tokenId,
    standbyTokenId: (standby as Members | undefined)?.['tokenId'] ?? null,
  }),
  '.standby = {token: env.TOKEN}': (input) => ({ ...input, standby: { token: TOKEN } }),
  'del(.standby)': ({ standby, ...input }) => input,
};

/** The form of AWS's managed rotation, which needs a tokenId. */
function managed(filter: string) {
  const [, gitlabUrl, projectId] =
    /^\.tokenId \|= \(\. \/\/ error\("no tokenId"\)\) \| \.gitlabUrl = "([^"]+)" \| \.projectId = "(\d+)"$/.exec(
      filter,
    ) ?? [];
  return (
    gitlabUrl &&
    ((input: Members) => {
      if (input['tokenId'] === undefined) {
        process.stderr.write('jq: error: no tokenId\n');
        process.exit(5);
      }
      return { ...input, gitlabUrl, projectId };
    })
  );
}

/** With plain text as its input: the named groups, and no output where nothing matches. */
function capture(filter: string) {
  const [, pattern] = /^capture\((".*")\)$/.exec(filter) ?? [];
  return pattern && ((input: string) => new RegExp(JSON.parse(pattern)).exec(input)?.groups);
}

/** With -R each line is an input of its own, and with -Rs all of them are one. */
function inputs(option: string | undefined): readonly unknown[] {
  if (option === '-n') {
    return [{}];
  }
  const text = readFileSync('/dev/stdin', 'utf8');
  if (option === '-Rs') {
    return [text];
  }
  if (option === '-R') {
    return text.replace(/\n$/, '').split('\n');
  }
  return text.trim() === '' ? [] : [JSON.parse(text)];
}

const args = process.argv.slice(2);
const [option] = args;
const name = args.at(-1) ?? '';
const filter = (option?.startsWith('-R') ? capture(name) : FILTERS[name] || managed(name)) as
  | ((input: unknown) => unknown)
  | undefined;
if (!filter) {
  throw new Error(`jq: error: ${name} is none of the filters of the README`);
}
for (const input of inputs(option)) {
  const output = filter(input);
  if (output !== undefined) {
    process.stdout.write(`${option === '-er' ? output : JSON.stringify(output, null, 2)}\n`);
  }
}
