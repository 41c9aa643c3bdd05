import { createInterface } from 'node:readline/promises';
import { BaseCredentials } from '@aws-cdk/toolkit-lib';
import type { LambdaClientConfig } from '@aws-sdk/client-lambda';

/** Where AWS is asked, and as whom: in the form of a client of the SDK. */
export type AwsAccess = Required<Pick<LambdaClientConfig, 'credentials'>> & {
  readonly region: string;
};

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

/** As `npm run deploy` finds them: the SDK alone has other rules for the region, and asks for no code. */
export async function findAccess(profile: string | undefined): Promise<AwsAccess> {
  const found = BaseCredentials.awsCliCompatible(profile === undefined ? {} : { profile });
  const { credentialProvider, defaultRegion = '' } = await found.sdkBaseConfig(HOST, {});
  return { region: defaultRegion, credentials: credentialProvider };
}

async function ask(question: string): Promise<string> {
  // The result goes to the other output.
  using terminal = createInterface({ input: process.stdin, output: process.stderr });
  return (await terminal.question(question)).trim();
}
