import { createInterface } from 'node:readline/promises';
import {
  type DeployConfirmationRequest,
  type IoRequest,
  NonInteractiveIoHost,
} from '@aws-cdk/toolkit-lib';
import { outputWidth } from '../../terminal/layout.ts';
import {
  type APPROVALS,
  changesOf,
  isNewStack,
  presentChanges,
  type ResourceChange,
} from './changes.ts';
import type { NewResources } from './obstacles.ts';
import { lossesOf, NOT_DEPLOYED, presentLosses, presentRefusal } from './refusals.ts';

export interface GateProps {
  readonly requireApproval: (typeof APPROVALS)[number];
  /** Whether schedules, secrets and subscriptions may be replaced and deleted. */
  readonly allowReplacement: boolean;
  /**
   * Why secrets of these names cannot be created, in lines; empty if they can. CloudFormation would
   * find out half-way.
   */
  readonly obstacles: (created: NewResources, region: string) => Promise<readonly string[]>;
}

/** Where a stack goes. */
export interface Target {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
}

/** The request of the toolkit to confirm a change set, before it is executed. */
const CONFIRM_DEPLOYMENT = 'CDK_TOOLKIT_I5060';
/** The request for the code of a device, where a profile needs one. */
const MFA_TOKEN = 'CDK_SDK_I1100';

/** Shows what a deployment would change, and lets it pass or not. */
export class DeploymentGate extends NonInteractiveIoHost {
  readonly #props: GateProps;
  target: Target = { stackName: '', account: '', region: '' };
  #changes: readonly ResourceChange[] = [];

  constructor(props: GateProps) {
    super({ isCI: true });
    this.#props = props;
  }

  /** Addresses that get alerts by this deployment, once they are confirmed. */
  get newAddresses(): readonly string[] {
    return this.#changes
      .filter(({ type, verb }) => type === 'AWS::SNS::Subscription' && /create|replace/.test(verb))
      .flatMap(({ after }) => (typeof after['Endpoint'] === 'string' ? after['Endpoint'] : []));
  }

  /** What this deployment creates, by the names of the secrets. */
  get created(): NewResources {
    return {
      secrets: createdOf(this.#changes, 'AWS::SecretsManager::Secret'),
      schedules: createdOf(this.#changes, 'AWS::SecretsManager::RotationSchedule'),
    };
  }

  override async requestResponse<T, U>(request: IoRequest<T, U>): Promise<U> {
    if (request.code === MFA_TOKEN && process.stdin.isTTY) {
      return (await ask(`${request.message} `)) as U;
    }
    if (request.code !== CONFIRM_DEPLOYMENT) {
      return super.requestResponse(request);
    }
    const data = request.data as DeployConfirmationRequest;
    return (await this.#mayPass(request.message, data)) as U;
  }

  async #mayPass(question: string, data: DeployConfirmationRequest): Promise<boolean> {
    const changes = changesOf(data.templateDiffs);
    this.#changes = changes;
    const { stackName, account, region } = this.target;
    const age = isNewStack(data.templateDiffs) ? 'new' : 'existing';
    const lines = presentChanges(changes, outputWidth());
    process.stdout.write(
      `\nStack ${stackName} in ${account}/${region} (${age})\nChanges:\n${lines.join('\n')}\n\n`,
    );
    return (
      this.#mayLose(changes) &&
      (await this.#mayCreate()) &&
      (!this.#mustAsk(data) || (await confirm(question)))
    );
  }

  #mayLose(changes: readonly ResourceChange[]): boolean {
    const losses = lossesOf(changes);
    if (losses.length === 0) {
      return true;
    }
    if (this.#props.allowReplacement) {
      process.stdout.write(`--allow-replacement is given:\n\n${presentLosses(losses)}\n\n`);
      return true;
    }
    process.stderr.write(`${presentRefusal(losses)}\n`);
    return false;
  }

  async #mayCreate(): Promise<boolean> {
    const { obstacles: find, allowReplacement } = this.#props;
    const { secrets, schedules } = this.created;
    const looked = { secrets, schedules: allowReplacement ? [] : schedules };
    const obstacles = await find(looked, this.target.region);
    if (obstacles.length > 0) {
      process.stderr.write(`${[NOT_DEPLOYED, ...obstacles].join('\n\n')}\n`);
    }
    return obstacles.length === 0;
  }

  #mustAsk({ permissionChangeType }: DeployConfirmationRequest): boolean {
    const { requireApproval } = this.#props;
    return (
      requireApproval === 'any-change' ||
      (requireApproval === 'broadening' && permissionChangeType === 'broadening')
    );
  }
}

/** The names of the secrets that get a new resource of this type. */
function createdOf(changes: readonly ResourceChange[], type: string): readonly string[] {
  return changes
    .filter((change) => change.type === type && change.verb === 'create')
    .flatMap(({ label }) => label ?? []);
}

/** @param question with the permissions that change */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    process.stdout.write(`${question}\n\n`);
    process.stderr.write(
      'Not deployed. The changes need the approval of a person, and there is no terminal to ask. Read them, and deploy again with: npm run deploy -- --require-approval never\n',
    );
    return false;
  }
  return /^y(es)?$/i.test(await ask(`${question} (y/n) `));
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
