import type { StepLog } from '../ports/step.ts';
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

  /**
   * @param call - what the request is for, in one word
   * @param faultOf - why an answer is none that the call can use, in a word of ours
   */
  async send(
    call: string,
    request: GitLabRequest,
    faultOf?: (answer: GitLabResponse) => string | undefined,
  ): Promise<GitLabResponse> {
    const startedAt = performance.now();
    const response = await this.#client.send(request);
    const durationMs = Math.round(performance.now() - startedAt);
    const { status, requestId, says } = originOf(response);
    const reason = response.kind === 'answered' ? faultOf?.(response) : response.reason;
    this.#log.info(response.kind === 'answered' ? 'GitLab answered' : 'GitLab did not answer', {
      call,
      durationMs,
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { gitlabRequestId: requestId }),
      ...(says !== undefined && { gitlabSays: says }),
      ...(reason !== undefined && { reason }),
    });
    return response;
  }
}
