import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** Create-only properties, as the schemas of the resources declare them. */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::SecretsManager::RotationSchedule': ['SecretId'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::SNS::Subscription': ['Endpoint', 'Protocol', 'TopicArn'],
  'AWS::SNS::Topic': ['TopicName'],
};

const STACK_ARN = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/GitLabTokenRotation/1';

/**
 * What the CDK needs of AWS for a deployment, on the wire: CloudFormation with one stack, STS, and
 * the parameter of a bootstrapped account; and DescribeSecret. Its change sets have the shape that DescribeChangeSet
 * documents.
 */
export class CloudFormation {
  /** The template of the stack that is deployed. */
  deployed: Template | undefined;
  /** Names of secrets that exist. */
  secrets: Readonly<Record<string, object>> = {};
  #hasChangeSet = false;
  /** Every action that was called, in order. */
  readonly actions: string[] = [];
  /** The template that is uploaded next: what is in the bucket is not looked at. */
  proposed: Template = { Resources: {} };
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response);
  });

  /** @returns its URL */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const form = new URLSearchParams(body);
    const target = String(request.headers['x-amz-target'] ?? '');
    const action = form.get('Action') ?? target.replace(/.*\./, '');
    this.actions.push(action);
    const bucketKey = new URL(request.url ?? '/', 'http://aws').searchParams.get('prefix');
    if (bucketKey !== null) {
      // Every asset is there already.
      response.setHeader('content-type', 'application/xml');
      response.end(
        `<ListBucketResult><KeyCount>1</KeyCount><Contents><Key>${bucketKey}</Key><Size>1</Size></Contents></ListBucketResult>`,
      );
      return;
    }
    if (action === 'GetParameter') {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ Parameter: { Value: '30' } }));
      return;
    }
    if (action === 'DescribeSecret') {
      const secret = this.secrets[JSON.parse(body).SecretId];
      response.statusCode = secret ? 200 : 400;
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(secret ?? { __type: 'ResourceNotFoundException' }));
      return;
    }
    const result = this.#resultOf(action, form);
    response.setHeader('content-type', 'text/xml');
    response.statusCode = result === undefined ? 400 : 200;
    response.end(
      result === undefined
        ? `<ErrorResponse><Error><Code>${action === 'DescribeChangeSet' ? 'ChangeSetNotFound' : 'ValidationError'}</Code><Message>Stack with id ${form.get('StackName')} does not exist</Message></Error></ErrorResponse>`
        : `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
    );
  }

  /** @returns undefined where there is no stack, or no change set */
  #resultOf(action: string, form: URLSearchParams): string | undefined {
    switch (action) {
      case 'GetCallerIdentity':
        return '<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn>';
      case 'AssumeRole':
        return '<Credentials><AccessKeyId>AKIA</AccessKeyId><SecretAccessKey>key</SecretAccessKey><SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>';
      case 'DescribeStacks':
        return form.get('StackName') === 'CDKToolkit'
          ? undefined
          : this.deployed && stackXml('CREATE_COMPLETE');
      case 'GetTemplate':
        return (
          this.deployed && `<TemplateBody>${escaped(JSON.stringify(this.deployed))}</TemplateBody>`
        );
      case 'CreateChangeSet':
        this.#hasChangeSet = true;
        return `<Id>arn:aws:cloudformation:eu-west-1:123456789012:changeSet/set/1</Id><StackId>${STACK_ARN}</StackId>`;
      case 'DescribeChangeSet':
        return this.#hasChangeSet
          ? changeSetXml(this.deployed ?? { Resources: {} }, this.proposed)
          : undefined;
      case 'DeleteChangeSet':
        this.#hasChangeSet = false;
        return '';
      case 'ExecuteChangeSet':
        this.deployed = this.proposed;
        this.#hasChangeSet = false;
        return '';
      default:
        return '';
    }
  }
}

function stackXml(status: string): string {
  return `<Stacks><member><StackName>GitLabTokenRotation</StackName><StackId>${STACK_ARN}</StackId><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus><Outputs><member><OutputKey>FunctionArn</OutputKey><OutputValue>arn:aws:lambda:eu-west-1:123456789012:function:rotation</OutputValue></member><member><OutputKey>FailureTopicArn</OutputKey><OutputValue>arn:aws:sns:eu-west-1:123456789012:alerts</OutputValue></member></Outputs></member></Stacks>`;
}

function changeSetXml(before: Template, after: Template): string {
  const ids = new Set([...Object.keys(before.Resources), ...Object.keys(after.Resources)]);
  const changes = [...ids].flatMap((id) => {
    const change = changeXml(before.Resources[id], after.Resources[id]);
    return change === ''
      ? []
      : `<member><Type>Resource</Type><ResourceChange><LogicalResourceId>${id}</LogicalResourceId>${change}</ResourceChange></member>`;
  });
  const status =
    changes.length === 0
      ? "<Status>FAILED</Status><StatusReason>The submitted information didn't contain changes. Submit different information to create a change set.</StatusReason><ExecutionStatus>UNAVAILABLE</ExecutionStatus>"
      : '<Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus>';
  return `<ChangeSetName>set</ChangeSetName><StackId>${STACK_ARN}</StackId>${status}<Changes>${changes.join('')}</Changes>`;
}

function changeXml(before: Resource | undefined, after: Resource | undefined): string {
  const type = `<ResourceType>${after?.Type ?? before?.Type}</ResourceType>`;
  if (before === undefined) {
    return `<Action>Add</Action>${type}`;
  }
  if (after === undefined) {
    const policy = before.DeletionPolicy?.startsWith('Retain') ? 'Retain' : 'Delete';
    return `<Action>Remove</Action>${type}<PolicyAction>${policy}</PolicyAction>`;
  }
  const names = Object.keys({ ...before.Properties, ...after.Properties }).filter(
    (name) =>
      JSON.stringify(before.Properties?.[name]) !== JSON.stringify(after.Properties?.[name]),
  );
  const recreates = (name: string) => CREATE_ONLY[after.Type]?.includes(name) === true;
  const details = names.map(
    (name) =>
      `<member><Target><Attribute>Properties</Attribute><Name>${name}</Name><RequiresRecreation>${recreates(name) ? 'Always' : 'Never'}</RequiresRecreation></Target><Evaluation>Static</Evaluation><ChangeSource>DirectModification</ChangeSource></member>`,
  );
  return names.length === 0
    ? ''
    : `<Action>Modify</Action>${type}<Replacement>${names.some(recreates) ? 'True' : 'False'}</Replacement><Details>${details.join('')}</Details>`;
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
