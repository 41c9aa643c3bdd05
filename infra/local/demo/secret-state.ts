import type { GitLab } from '../gitlab/gitlab.ts';
import type { Demo } from './demo.ts';
import type { LabelState, SecretState, TokenState } from './report.ts';

const LABELS = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'] as const;

/** Which tokens each label leads to, and the project's active ones that no label leads to, by id. */
export function secretStateOf({ cloud, gitlab, secretId }: Demo): SecretState {
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

/** The recovery credential belongs to a person. */
function isBot(gitlab: GitLab, userId: number): boolean {
  return gitlab.user(userId).kind === 'project_bot';
}

interface StoredToken {
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

function tokenState({ tokenId }: StoredToken, gitlab: GitLab): TokenState {
  const token = gitlab.tokens.find(({ id }) => String(id) === tokenId);
  const ended = token?.revoked === false ? 'expired' : 'revoked';
  return {
    tokenId,
    status: token?.active ? 'active' : ended,
    expiresAt: token?.expiresAt ?? null,
  };
}
