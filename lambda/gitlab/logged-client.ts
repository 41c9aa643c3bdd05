import type { StepLog } from '../rotation/ports.ts';
import {
  GitLabClient,
  type GitLabClientProps,
  type GitLabRequest,
  type GitLabResponse,
} from './client.ts';
import { originOf } from './outcomes.ts';

/** Logs what became of every request: ids and numbers, never what was sent or answered. */
export class LoggedClient {
  readonly #client: GitLabClient;
  readonly #log: StepLog;

  constructor({ log, ...props }: GitLabClientProps & { readonly log: StepLog }) {
    this.#client = new GitLabClient(props);
    this.#log = log;
  }

  /** @param call - what the request is for, in one word */
  async send(call: string, request: GitLabRequest): Promise<GitLabResponse> {
    const startedAt = performance.now();
    const response = await this.#client.send(request);
    const durationMs = Math.round(performance.now() - startedAt);
    const { status, requestId, says } = originOf(response);
    this.#log.info(response.kind === 'answered' ? 'GitLab answered' : 'GitLab did not answer', {
      call,
      durationMs,
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { gitlabRequestId: requestId }),
      ...(says !== undefined && { gitlabSays: says }),
      ...(response.kind !== 'answered' && { reason: response.reason }),
    });
    return response;
  }
}
