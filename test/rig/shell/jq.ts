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

const args = process.argv.slice(2);
const isAlone = args[0] === '-n';
const isRaw = args[0] === '-er';
const isText = args[0] === '-R';
const name = args.at(-1) ?? '';
const filter =
  isText && name === '{token: .}' ? (input: Members) => input : FILTERS[name] || managed(name);
if (!filter) {
  throw new Error(`jq: error: ${name} is none of the filters of the README`);
}
const read = () => readFileSync('/dev/stdin', 'utf8');
const fromText = () => ({ token: read().replace(/\n$/, '') });
const input = isAlone ? {} : isText ? fromText() : (JSON.parse(read()) as Members);
const output = filter(input);
process.stdout.write(`${isRaw ? output : JSON.stringify(output, null, 2)}\n`);
