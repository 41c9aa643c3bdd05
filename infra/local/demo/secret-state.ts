import type { GitLab } from '../gitlab/gitlab.ts';
import type { Demo } from './demo.ts';
import type { LabelState, SecretState, TokenState } from './report.ts';

const LABELS = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'] as const;

/** Which tokens each label leads to, told by id, and the project's living ones that no label leads to. */
export function stateOf({ cloud, gitlab, secretId }: Demo): SecretState {
  const { versions } = cloud.secretsManager.snapshot(secretId);
  const labels = LABELS.map((label): LabelState => {
    const version = versions.find((each) => each.labels.includes(label));
    if (version === undefined) {
      return { label };
    }
    const { value } = version;
    return value === undefined ? { label, empty: true } : { label, ...tokensIn(value, gitlab) };
  });
  const stored = new Set(labels.flatMap(({ tokenId, standby }) => [tokenId, standby?.tokenId]));
  const orphans = gitlab.tokens.filter(
    ({ id, active, userId }) => active && !stored.has(String(id)) && isBot(gitlab, userId),
  );
  return { labels, orphans: orphans.map(({ id }) => String(id)) };
}

/** Not so the person whose token is the recovery credential. */
function isBot(gitlab: GitLab, userId: number): boolean {
  return gitlab.user(userId).kind === 'project_bot';
}

interface StoredToken {
  readonly token: string;
  readonly tokenId: string;
}

function tokensIn(secretString: string, gitlab: GitLab) {
  const secret = JSON.parse(secretString) as StoredToken & { readonly standby?: StoredToken };
  const { standby } = secret;
  return {
    ...tokenState(secret, gitlab),
    ...(standby && { standby: tokenState(standby, gitlab) }),
  };
}

function tokenState({ token, tokenId }: StoredToken, gitlab: GitLab): TokenState {
  const expiresAt = gitlab.tokens.find(({ id }) => String(id) === tokenId)?.expiresAt;
  return { tokenId, alive: gitlab.isAlive(token), expiresAt: expiresAt ?? null };
}
