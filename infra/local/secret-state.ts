import type { Demo } from './demo.ts';
import type { GitLab } from './gitlab/gitlab.ts';
import type { LabelState, SecretState } from './report.ts';

const LABELS = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'] as const;

/** Which token each label leads to, told by id, and the living ones that no label leads to. */
export function stateOf({ cloud, gitlab, secretId }: Demo): SecretState {
  const { versions } = cloud.secretsManager.snapshot(secretId);
  const labels = LABELS.map((label): LabelState => {
    const version = versions.find((each) => each.labels.includes(label));
    if (version === undefined) {
      return { label };
    }
    const { value } = version;
    return value === undefined ? { label, empty: true } : { label, ...tokenIn(value, gitlab) };
  });
  const stored = new Set(labels.map(({ tokenId }) => tokenId));
  const orphans = gitlab.tokens.filter(({ id, active }) => active && !stored.has(String(id)));
  return { labels, orphans: orphans.map(({ id }) => String(id)) };
}

function tokenIn(secretString: string, gitlab: GitLab) {
  const { token, tokenId } = JSON.parse(secretString) as { token: string; tokenId: string };
  const expiresAt = gitlab.tokens.find(({ id }) => String(id) === tokenId)?.expiresAt;
  return { tokenId, alive: gitlab.isAlive(token), expiresAt: expiresAt ?? null };
}
