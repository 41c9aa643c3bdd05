import type { GitLab } from '../gitlab/gitlab.ts';
import { recoveryCredential } from './recovery-credential.ts';

const LIFETIME_DAYS_OF_FIRST = 40;
/** GitLab's usual maximum. */
const LIFETIME_DAYS_OF_RECOVERY = 365;

/** What the tokens of a demonstration are to be. */
export interface DemoTokensProps {
  /** Of the first token. @default self_rotate */
  readonly scopes?: readonly string[] | undefined;
  /** A Maintainer makes a token by which a lost one is recovered. @default false */
  readonly recovery?: boolean;
  /** The secret holds a second token, as its standby. @default false */
  readonly alternating?: boolean;
}

/** What a person would put into the two secrets. */
export interface DemoTokens {
  readonly tokenId: number;
  readonly secretString: string;
  readonly recoverySecretString?: string;
}

/** Makes a project with what its rotation needs, as a person would in the web pages. */
export function createDemoTokens(
  gitlab: GitLab,
  { scopes = ['self_rotate'], recovery = false, alternating = false }: DemoTokensProps,
): DemoTokens {
  const project = gitlab.addProject({ path: 'group/app' });
  const createToken = (name: string) => {
    const { id, token } = gitlab.createAccessToken({
      resource: project,
      name,
      scopes,
      expiresAt: inDays(LIFETIME_DAYS_OF_FIRST),
    });
    return { token, tokenId: String(id) };
  };
  const first = createToken('app');
  const standby = alternating && createToken('app, standby');
  return {
    tokenId: Number(first.tokenId),
    secretString: JSON.stringify({
      ...first,
      projectId: project.path,
      ...(standby && { standby }),
    }),
    ...(recovery && {
      recoverySecretString: recoveryCredential(gitlab, project, inDays(LIFETIME_DAYS_OF_RECOVERY)),
    }),
  };
}

/** `YYYY-MM-DD` */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
