import { devNull } from 'node:os';

/**
 * Keeps what a person has set for the AWS CLI and for proxies away from this
 * process, whose servers and clients are all on loopback: a FIPS endpoint, a
 * profile's settings or a proxy for every request of Node would stop them.
 *
 * @param env of this process, or of those that it will start
 */
export function setToolSettingsAside(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env).filter((each) => each.startsWith('AWS_'))) {
    delete env[name];
  }
  // Without these two the SDK reads the files in ~/.aws.
  env['AWS_CONFIG_FILE'] = devNull;
  env['AWS_SHARED_CREDENTIALS_FILE'] = devNull;
  // Node reads NODE_USE_ENV_PROXY before anything else, and `fetch` this one at every request.
  env['no_proxy'] = '127.0.0.1';
  env['NO_PROXY'] = '127.0.0.1';
}
