import {
  GitLabClient,
  type GitLabClientProps,
  type GitLabRequest,
} from '../../../../lambda/gitlab/client.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';

export const ROTATE: GitLabRequest = {
  call: 'rotate',
  method: 'POST',
  path: '/personal_access_tokens/self/rotate',
  token: 'first',
  body: { expires_at: '2027-02-20' },
  timeoutMs: 20_000,
};
export const PROBE: GitLabRequest = {
  call: 'probe',
  method: 'GET',
  path: '/personal_access_tokens/self',
  token: 'first',
  timeoutMs: 20_000,
};

/** A client whose log nobody reads. */
export function clientWith(props: Omit<GitLabClientProps, 'log'>): GitLabClient {
  return new GitLabClient({ ...props, log: recordingLog() });
}

/** A client of what listens on a port of 127.0.0.1. */
export function clientAt(port: number): GitLabClient {
  return clientWith({ gitlabUrl: `http://127.0.0.1:${port}` });
}
