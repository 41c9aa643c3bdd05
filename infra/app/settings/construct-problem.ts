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

/**
 * An error of the construct, which names a prop, by its path in rotation.json.
 *
 * @param path of the secret, or empty for the construct's own props
 * @param isInherited whether the secret has a setting from the top of the file
 */
export function constructProblem(
  path: string,
  error: unknown,
  isInherited: (key: string) => boolean,
): string {
  const message = error instanceof Error ? error.message : String(error);
  // `addSecret "app/token": tokenLifetime 30 days must be …`
  const text = message.replace(/^addSecret(?: "[^"]*")?: /, '');
  const [, prop = '', rest = ''] = /^(\w+)(.*)$/s.exec(text) ?? [];
  const key = PATHS[prop] ?? prop;
  const known = path === '' ? rotationSchema.shape : secret.shape;
  if (Object.hasOwn(known, key.split('.')[0] ?? '')) {
    return `${path === '' || isInherited(key) ? '' : `${path}.`}${key}${rest}`;
  }
  return path === '' ? text : `${path}: ${text}`;
}
