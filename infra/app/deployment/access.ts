import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { shellWord } from './shell.ts';

/** Names of the toolkit's errors before it has reached AWS. It does not say why. */
const NO_ACCESS = /^(?:UnresolvedAccount|NoCredentials|AssumeRole\w*|Expired\w*)$/;
/** Codes of Node.js, and of its TLS. */
const NO_NETWORK =
  /^(?:E(?:NOTFOUND|AI_AGAIN|CONN\w+|HOSTUNREACH|NETUNREACH|TIMEDOUT|PROTO)|TimeoutError|\w*CERT\w*|UNABLE_TO_VERIFY\w*)$/;
const EXPIRED = /^(?:Expired\w*|RequestExpired)$/;
/** Secrets Manager's answers to a request that it knows the sender of. */
const ANSWERED = /^(?:ResourceNotFoundException|AccessDenied\w*)$/;

/**
 * Why AWS cannot be used, and what to do; undefined if an error has another cause. Of errors only the
 * names are told: their texts may hold secrets.
 *
 * @param profile of the AWS CLI
 */
export async function accessProblem(
  error: unknown,
  profile = process.env['AWS_PROFILE'],
): Promise<string | undefined> {
  const names = namesOf(error);
  const network = names.find((name) => NO_NETWORK.test(name));
  if (network !== undefined) {
    return unreachable(network);
  }
  const access = names.find((name) => NO_ACCESS.test(name));
  return access === undefined ? undefined : await askAws(access, profile);
}

async function askAws(access: string, profile: string | undefined): Promise<string> {
  const client = new SecretsManagerClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 5000 },
    ...(profile !== undefined && { profile }),
  });
  try {
    const missing = await failure(() => client.config.credentials());
    if (missing) {
      return missing.network ? unreachable(missing.network) : noCredentials(missing.name, profile);
    }
    const refused = await failure(() =>
      client.send(new DescribeSecretCommand({ SecretId: 'gitlab-token-rotation' })),
    );
    if (refused?.network) {
      return unreachable(refused.network);
    }
    const name = refused && !ANSWERED.test(refused.name) ? refused.name : access;
    const what = EXPIRED.test(name) ? 'have expired' : 'are not accepted by AWS';
    return `The AWS credentials ${what} (${name}). ${logIn(profile)}`;
  } finally {
    client.destroy();
  }
}

async function failure(attempt: () => Promise<unknown>) {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    const [name = 'Error', ...others] = namesOf(error);
    return { name, network: [name, ...others].find((each) => NO_NETWORK.test(each)) };
  }
}

/** Of an error and its causes: each name and code. */
function namesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) {
    return [];
  }
  const { name, code, cause, errors = [] } = error as Error & { code?: string; errors?: unknown[] };
  return [name, code ?? [], [cause, ...errors].flatMap(namesOf)].flat();
}

function unreachable(name: string): string {
  return `AWS cannot be reached (${name}). Check the network, the VPN and HTTPS_PROXY. If a proxy has a certificate authority of its own, set NODE_EXTRA_CA_CERTS=<its PEM file>`;
}

function noCredentials(name: string, profile: string | undefined): string {
  return profile === undefined
    ? `There are no AWS credentials (${name}). ${logIn(profile)}. Or choose a profile: npm run deploy -- --profile <name>`
    : `The AWS profile ${profile} does not exist, or has no credentials (${name}). Choose one of these: aws configure list-profiles. ${logIn(profile)}`;
}

function logIn(profile: string | undefined): string {
  const aws = profile === undefined ? 'aws' : `aws --profile ${shellWord(profile)}`;
  return `Log in until this works: ${aws} sts get-caller-identity`;
}
