import { createInterface } from 'node:readline/promises';
import type { BaseCredentials } from '@aws-cdk/toolkit-lib';
import {
  DescribeSecretCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { shellWord } from './deployment/shell.ts';

/** Where AWS is asked, and as whom: in the form of a client of the SDK. */
export type AwsAccess = Required<Pick<SecretsManagerClientConfig, 'credentials'>> & {
  readonly region: string;
};

/** Who has no access. */
export interface Asker {
  /** As a person types it, like `npm run deploy`. */
  readonly command: string;
  /** Of the AWS CLI, if one was chosen. */
  readonly profile?: string | undefined;
}

type Host = Parameters<ReturnType<typeof BaseCredentials.awsCliCompatible>['sdkBaseConfig']>[0];

/** The request of the toolkit for the code of a device, where a profile needs one. */
const MFA_TOKEN = 'CDK_SDK_I1100';

const HOST: Host = {
  notify: async () => undefined,
  requestResponse: async ({ code, message, defaultResponse }) =>
    code === MFA_TOKEN && process.stdin.isTTY
      ? ((await ask(`${message} `)) as typeof defaultResponse)
      : defaultResponse,
};

/** As the CDK finds them: the SDK alone has other rules for region and profile, and asks for no code. */
export async function findAccess(profile: string | undefined): Promise<AwsAccess> {
  // Loaded here: it takes seconds, and local secrets do without it.
  const { BaseCredentials: credentials } = await import('@aws-cdk/toolkit-lib');
  const found = credentials.awsCliCompatible(profile === undefined ? {} : { profile });
  const { credentialProvider, defaultRegion = '' } = await found.sdkBaseConfig(HOST, {});
  return { region: defaultRegion, credentials: credentialProvider };
}

async function ask(question: string): Promise<string> {
  // The result goes to the other output.
  using terminal = createInterface({ input: process.stdin, output: process.stderr });
  return (await terminal.question(question)).trim();
}

/** Codes of Node.js, and of its TLS. */
const NO_NETWORK =
  /^(?:E(?:NOTFOUND|AI_AGAIN|CONN\w+|HOSTUNREACH|NETUNREACH|TIMEDOUT|PROTO)|TimeoutError|\w*CERT\w*|UNABLE_TO_VERIFY\w*)$/;
/** Names of AWS, of the SDK, and of the toolkit. */
const EXPIRED = /Expired/;
const MISSING =
  /^(?:CredentialsProviderError|TokenProviderError|SharedIniFileCredentialsProviderFailure|MissingAuthenticationToken\w*)$/;
const REFUSED =
  /^(?:InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClient\w*|SignatureDoesNotMatch|InvalidSignature\w*|IncompleteSignature\w*|AuthFailure)$/;
/** The toolkit could not use the credentials. It does not say why. */
const UNUSABLE = /^(?:UnresolvedAccount|NoCredentials|AssumeRole\w*|AuthenticationError)$/;

/**
 * Why AWS cannot be used, and what to do; undefined if an error has another cause. Of errors only the
 * names are told: their texts may hold secrets.
 */
export async function accessProblem(error: unknown, asker: Asker): Promise<string | undefined> {
  const names = namesOf(error);
  const unusable = names.find((name) => UNUSABLE.test(name));
  return problemOf(names, asker) ?? (unusable === undefined ? undefined : askAws(unusable, asker));
}

function problemOf(names: readonly string[], asker: Asker): string | undefined {
  const named = (pattern: RegExp) => names.find((name) => pattern.test(name));
  const network = named(NO_NETWORK);
  if (network !== undefined) {
    return `AWS cannot be reached (${network}). Check the network, the VPN and HTTPS_PROXY. If a proxy has a certificate authority of its own, set NODE_EXTRA_CA_CERTS=<its PEM file>`;
  }
  const expired = named(EXPIRED);
  if (expired !== undefined) {
    return `The AWS credentials have expired (${expired}). ${logIn(asker)}`;
  }
  const missing = named(MISSING);
  if (missing !== undefined) {
    return noCredentials(missing, asker);
  }
  const refused = named(REFUSED);
  return refused && `The AWS credentials are not accepted by AWS (${refused}). ${logIn(asker)}`;
}

/** @param unusable what the toolkit calls it */
async function askAws(unusable: string, asker: Asker): Promise<string> {
  const client = new SecretsManagerClient({
    ...(await findAccess(asker.profile)),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 5000 },
  });
  try {
    await client.send(new DescribeSecretCommand({ SecretId: 'gitlab-token-rotation' }));
    return accepted(unusable, asker);
  } catch (error) {
    const names = namesOf(error);
    // Whatever else AWS says of a request, it knows the sender.
    const isAnswer = error instanceof SecretsManagerServiceException && error.$fault === 'client';
    return (
      problemOf(names, asker) ??
      (isAnswer
        ? accepted(unusable, asker)
        : `The CDK cannot use the AWS credentials (${unusable}), and AWS does not say why (${names[0]}). ${logIn(asker)}`)
    );
  } finally {
    client.destroy();
  }
}

function accepted(unusable: string, { profile }: Asker): string {
  const option = profile === undefined ? '' : ` --profile ${shellWord(profile)}`;
  const advice = unusable.startsWith('AssumeRole')
    ? `It needs the roles of its bootstrap in this account and region, and the permission sts:AssumeRole on them. Bootstrap once: npx cdk bootstrap aws://<account>/<region>${option}. If the credentials are of another account, add --trust <that account>`
    : `Look whether they are of the account that you mean: aws${option} sts get-caller-identity`;
  return `AWS accepts the credentials, but the CDK cannot use them (${unusable}). ${advice}`;
}

function noCredentials(name: string, asker: Asker): string {
  const { AWS_PROFILE, AWS_DEFAULT_PROFILE } = process.env;
  const profile = asker.profile ?? (AWS_PROFILE || AWS_DEFAULT_PROFILE);
  return profile
    ? `The AWS profile ${profile} does not exist, or has no credentials (${name}). Choose one of these: aws configure list-profiles. ${logIn(asker)}`
    : `There are no AWS credentials (${name}). ${logIn(asker)}. Or choose a profile: ${asker.command} -- --profile <name>`;
}

/** A profile of the environment is the AWS CLI's, too. */
function logIn({ profile }: Asker): string {
  const aws = profile === undefined ? 'aws' : `aws --profile ${shellWord(profile)}`;
  return `Log in until this works: ${aws} sts get-caller-identity`;
}

/** Of an error and its causes: each name and code. */
function namesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) {
    return [];
  }
  const { name, code, cause, errors = [] } = error as Error & { code?: string; errors?: unknown[] };
  return [name, code ?? [], [cause, ...errors].flatMap(namesOf)].flat();
}
