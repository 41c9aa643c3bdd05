import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { AccessLevel, Resource } from '../../../infra/local/gitlab/state/model.ts';
import { GitLabAdministeredTokens } from '../../../lambda/gitlab/administered-tokens.ts';
import { GitLabClient } from '../../../lambda/gitlab/client.ts';
import type { AdministeredTokens } from '../../../lambda/ports/administered-tokens.ts';
import type { Rig } from './rig.ts';

export interface RecoveryProps {
  /** @default 40, Maintainer */
  readonly level?: AccessLevel;
  /** Where it has that role. @default - the project */
  readonly resource?: Resource;
  /** @default 'person' */
  readonly kind?: 'person' | 'service_account';
  /** @default ['api'] */
  readonly scopes?: readonly string[];
  /** `YYYY-MM-DD`; null: never. @default - never */
  readonly expiresAt?: string | null;
  /** @default - the token as plain text; null: the secret is missing */
  readonly secretString?: string | null;
}

/** A recovery credential: the token `recovery`, and the secret in which it is kept. */
export interface RecoveryCredential {
  readonly tokenId: number;
  readonly secretId: string;
  readonly administered: AdministeredTokens;
}

/** Gives the function a recovery credential, as RECOVERY_SECRET_ARN does. */
export async function addRecovery(
  rig: Rig,
  props: RecoveryProps = {},
): Promise<RecoveryCredential> {
  const { gitlab, project, client, services } = rig;
  const user = gitlab.addUser({ kind: props.kind ?? 'person' });
  gitlab.addMember(user, props.resource ?? project, props.level ?? 40);
  const { scopes = ['api'], expiresAt = null, secretString = 'recovery' } = props;
  const token = gitlab.createPersonalToken({ user, scopes, expiresAt, value: 'recovery' });
  const Name = 'app/recovery-token';
  const { ARN: secretId = Name } =
    secretString === null
      ? {}
      : await client.send(new CreateSecretCommand({ Name, SecretString: secretString }));
  const log = { info: () => undefined, warn: () => undefined };
  const administered = new GitLabAdministeredTokens(
    new GitLabClient({ gitlabUrl: gitlab.url, log }),
  );
  Object.assign(services, { recovery: { secretId, administered } });
  return { tokenId: token.id, secretId, administered };
}

/** The ids of all tokens that GitLab accepts, but for that of the credential. */
export function activeIds(
  { gitlab }: Pick<Rig, 'gitlab'>,
  credential?: RecoveryCredential,
): readonly number[] {
  return gitlab.tokens
    .filter(({ active, id }) => active && id !== credential?.tokenId)
    .map(({ id }) => id);
}
