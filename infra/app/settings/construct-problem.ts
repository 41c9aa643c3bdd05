import { rotationSchema } from './schema.ts';
import { secret } from './secret.ts';

/** Props of the construct that have another name, or another form, in rotation.json. */
const PATHS: Readonly<Record<string, string>> = {
  secretName: 'name',
  secret: 'arn',
  tokenLifetime: 'tokenLifetimeDays',
  encryptionKey: 'encryptionKeyArn',
  logRetention: 'logRetentionDays',
  logEncryptionKey: 'logEncryptionKeyArn',
  environmentEncryptionKey: 'environmentEncryptionKeyArn',
  role: 'roleArn',
  watchRole: 'watchRoleArn',
  permissionsBoundary: 'permissionsBoundaryArn',
  vpcSubnets: 'vpc.subnetIds',
  securityGroups: 'vpc.securityGroupIds',
};

/** What the construct refuses. */
interface ConstructProblem {
  /** Of rotation.json, or empty if no setting is named. */
  readonly key: string;
  /** What follows the key. */
  readonly rest: string;
}

/**
 * What an error of the construct, which names props, means in rotation.json.
 *
 * @param shape the settings that may be named
 */
export function constructProblems(
  error: unknown,
  shape: object = rotationSchema.shape,
): readonly ConstructProblem[] {
  const message = error instanceof Error ? error.message : String(error);
  // `addSecret "app/token": tokenLifetime 30 days must be …`
  const lines = message.split('\n').map((line) => line.replace(/^addSecret(?: "[^"]*")?: /, ''));
  return lines.map((line) => {
    const [, prop = '', rest = ''] = /^(\w+)(.*)$/.exec(line) ?? [];
    const key = PATHS[prop] ?? prop;
    return Object.hasOwn(shape, key.split('.')[0] ?? '') ? { key, rest } : { key: '', rest: line };
  });
}

/** The same as texts, each of which begins with the path. @param path of a secret */
export function problemsOfSecret(path: string, error: unknown): readonly string[] {
  return constructProblems(error, secret.shape).map(({ key, rest }) =>
    key === '' ? `${path}: ${rest}` : `${path}.${key}${rest}`,
  );
}
