import { Stack, Token } from 'aws-cdk-lib';
import {
  CfnVPCEndpoint,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledged.ts';
import type { Permissions } from './permissions.ts';
import type { GitLabTokenRotationProps } from './props.ts';
import { warnAtSynthesis } from './warnings.ts';

/** The function's place in a VPC, and what must exist before it. */
export interface Network {
  readonly vpcProps: {
    readonly vpc: IVpc;
    readonly vpcSubnets?: SubnetSelection;
    readonly securityGroups: ISecurityGroup[];
  };
  readonly policy: Policy | undefined;
}

/** What Lambda allows: https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html */
const MOST_SUBNETS = 16;
const MOST_SECURITY_GROUPS = 5;

/** @throws {Error} if Lambda would refuse the network, or if the ports of a new security group are not known */
export function createNetwork(
  scope: Construct,
  props: GitLabTokenRotationProps,
  permissions: Permissions,
): Network | undefined {
  const { vpc, vpcSubnets, securityGroups } = props;
  if (vpc === undefined) {
    return undefined;
  }
  checkSubnets(vpc, vpcSubnets);
  checkSecurityGroups(securityGroups);
  warnOfIsolation(scope, vpc, vpcSubnets);
  return {
    vpcProps: {
      vpc,
      ...(vpcSubnets && { vpcSubnets }),
      securityGroups: securityGroups ?? [createSecurityGroup(scope, vpc, props)],
    },
    policy: allowNetworkInterfaces(scope, permissions),
  };
}

function checkSubnets(vpc: IVpc, selection: SubnetSelection | undefined): void {
  const { subnetIds, hasPublic, isPendingLookup } = vpc.selectSubnets(selection);
  if (isPendingLookup) {
    return;
  }
  if (subnetIds.length === 0) {
    throw new Error(
      'vpcSubnets selects no subnet of vpc, so that the function would be outside it: select at least one',
    );
  }
  if (hasPublic) {
    throw new Error(
      'vpcSubnets must select subnets of vpc that are not public: a function has no way out of a public one',
    );
  }
  if (subnetIds.length > MOST_SUBNETS) {
    throw new Error(
      `vpcSubnets selects ${subnetIds.length} subnets of vpc: Lambda allows ${MOST_SUBNETS}`,
    );
  }
}

function checkSecurityGroups(groups: readonly ISecurityGroup[] = []): void {
  if (groups.length > MOST_SECURITY_GROUPS) {
    throw new Error(
      `securityGroups has ${groups.length} entries: Lambda allows ${MOST_SECURITY_GROUPS}`,
    );
  }
}

/** DNS of the VPC passes any security group. */
function createSecurityGroup(
  scope: Construct,
  vpc: IVpc,
  { gitlabUrl, httpsProxy }: GitLabTokenRotationProps,
): SecurityGroup {
  const group = new SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: 'Rotation of GitLab tokens: to GitLab, the proxy and AWS only',
    allowAllOutbound: false,
  });
  const urls = httpsProxy === undefined ? [gitlabUrl] : [gitlabUrl, httpsProxy];
  for (const port of new Set([443, ...urls.map(portOf)])) {
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(port), 'GitLab, proxy, AWS');
  }
  return group;
}

function portOf(url: string): number {
  if (Token.isUnresolved(url)) {
    throw new Error(
      'securityGroups must be given: the ports of gitlabUrl and httpsProxy are not known at synthesis',
    );
  }
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
}

/** The same place for another function, which has a role of its own. */
export function sameNetwork(
  scope: Construct,
  { vpcProps }: Network,
  permissions: Permissions,
): Network {
  return { vpcProps, policy: allowNetworkInterfaces(scope, permissions) };
}

/** Lambda places a function in the VPC with the function's own role. */
function allowNetworkInterfaces(scope: Construct, permissions: Permissions): Policy | undefined {
  const statement = new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DetachNetworkInterface',
    ],
    resources: ['*'],
  });
  if (!permissions.isMutable) {
    permissions.allow(statement);
    return undefined;
  }
  // A policy of its own, so that the acknowledgement covers nothing else.
  const { role } = permissions;
  const policy = new Policy(scope, 'NetworkInterfaces', { roles: [role], statements: [statement] });
  acknowledge(policy, 'IAM5[Resource::*]', 'IAMNoInlinePolicy');
  return policy;
}

/**
 * Endpoints are seen where the app creates them; an imported VPC may have some all the same. CDK synthesises
 * once more as soon as it has looked a VPC up.
 */
function warnOfIsolation(scope: Construct, vpc: IVpc, subnets: SubnetSelection | undefined): void {
  const isolated = new Set(vpc.isolatedSubnets.map(({ subnetId }) => subnetId));
  const { subnetIds, isPendingLookup } = vpc.selectSubnets(subnets);
  const shut = subnetIds.filter((id) => isolated.has(id));
  if (isPendingLookup || shut.length === 0) {
    return;
  }
  warnAtSynthesis(scope, 'vpc', () => {
    const missing = ['secretsmanager', 'sns'].filter((service) => !hasEndpoint(vpc, service));
    return missing.length === 0
      ? undefined
      : `${subnetIds.length === 1 ? 'the subnet' : `${shut.length} of ${subnetIds.length} subnets`} in vpc ${shut.length === 1 ? 'has' : 'have'} no way out, and the app has no interface endpoints there for ${missing.join(' and ')}: unless they exist, the function will time out`;
  });
}

function hasEndpoint(vpc: IVpc, service: string): boolean {
  return vpc.node.root.node
    .findAll()
    .filter((node) => CfnVPCEndpoint.isCfnVPCEndpoint(node))
    .some((endpoint) => {
      const { vpcId, serviceName } = Stack.of(endpoint).resolve({
        vpcId: endpoint.vpcId,
        serviceName: endpoint.serviceName,
      });
      const isThere =
        JSON.stringify(vpcId) === JSON.stringify(Stack.of(endpoint).resolve(vpc.vpcId));
      return isThere && JSON.stringify(serviceName).includes(`.${service}"`);
    });
}
