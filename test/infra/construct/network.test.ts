import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
  SubnetFilter,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { describe, expect, it } from 'vitest';
import type { GitLabTokenRotationProps } from '../../../infra/index.ts';
import { createApp, HERE, onlyResource, rotationOf, warningsOf } from '../cdk-app.ts';

interface Inside {
  readonly stack: Stack;
  readonly vpc: Vpc;
}

function inVpc(subnetType: SubnetType, props: Partial<GitLabTokenRotationProps> = {}): Inside {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const vpc = new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/24'),
    availabilityZones: ['eu-west-1a'],
    natGateways: subnetType === SubnetType.PRIVATE_WITH_EGRESS ? 1 : 0,
    subnetConfiguration: [
      { name: 'Public', subnetType: SubnetType.PUBLIC },
      { name: 'Function', subnetType },
    ],
  });
  rotationOf(stack, { vpc: vpc as IVpc, vpcSubnets: { subnetType }, ...props });
  return { stack, vpc };
}

describe('the security group', () => {
  it.each<[Partial<GitLabTokenRotationProps>, number[]]>([
    [{}, [443]],
    [{ gitlabUrl: 'https://gitlab.example.com:8443' }, [443, 8443]],
    [{ httpsProxy: 'http://proxy.example.com:3128' }, [443, 3128]],
    [{ httpsProxy: 'http://proxy.example.com' }, [443, 80]],
  ])('lets out to 443 and to the ports of GitLab and proxy: %o', (props, ports) => {
    const { stack } = inVpc(SubnetType.PRIVATE_WITH_EGRESS, props);
    const group = onlyResource(Template.fromStack(stack), 'AWS::EC2::SecurityGroup');

    expect(group.Properties['SecurityGroupIngress']).toBeUndefined();
    expect(group.Properties['SecurityGroupEgress']).toEqual(
      ports.map((port) => ({
        CidrIp: '0.0.0.0/0',
        Description: 'GitLab, proxy, AWS',
        FromPort: port,
        ToPort: port,
        IpProtocol: 'tcp',
      })),
    );
  });
});

it('needs a subnet', () => {
  expect(() => inVpc(SubnetType.PRIVATE_ISOLATED, { vpcSubnets: { subnets: [] } })).toThrow(
    'vpcSubnets selects no subnet of vpc, so that the function would be outside it: select at least one',
  );
});

it('needs subnets that are not public', () => {
  expect(() => inVpc(SubnetType.PUBLIC)).toThrow(
    'vpcSubnets must select subnets of vpc that are not public: a function has no way out of a public one',
  );
});

describe('Lambda', () => {
  const idsOf = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${kind}-${index}`);

  it.each([16, 17])('allows 16 subnets: %d', (count) => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: idsOf('subnet', count),
      privateSubnetRouteTableIds: idsOf('rtb', count),
    });
    const create = () => rotationOf(stack, { vpc });

    if (count <= 16) {
      expect(create).not.toThrow();
    } else {
      expect(create).toThrow('vpcSubnets selects 17 subnets of vpc: Lambda allows 16');
    }
  });

  it('allows 5 security groups', () => {
    const stack = new Stack(createApp(), 'Groups');
    const groups = idsOf('sg', 6).map((id) => SecurityGroup.fromSecurityGroupId(stack, id, id));
    const inGroups = (securityGroups: ISecurityGroup[]) => () =>
      inVpc(SubnetType.PRIVATE_WITH_EGRESS, { securityGroups });

    expect(inGroups(groups.slice(0, 5))).not.toThrow();
    expect(inGroups(groups)).toThrow('securityGroups has 6 entries: Lambda allows 5');
  });
});

it('takes subnets that CDK has yet to look up', () => {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const vpc = Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef0' });
  const subnetFilters = [SubnetFilter.byIds(['subnet-0123456789abcdef0'])];

  expect(() => rotationOf(stack, { vpc, vpcSubnets: { subnetFilters } })).not.toThrow();
});

describe('subnets without a way out', () => {
  it('are warned of', () => {
    expect(warningsOf(inVpc(SubnetType.PRIVATE_ISOLATED).stack)).toEqual([
      'the subnet in vpc has no way out, and the app has no interface endpoints there for secretsmanager and sns: unless they exist, the function will time out',
    ]);
  });

  it('are warned of as long as one endpoint is missing', () => {
    const { stack, vpc } = inVpc(SubnetType.PRIVATE_ISOLATED);
    vpc.addInterfaceEndpoint('Sns', { service: InterfaceVpcEndpointAwsService.SNS });

    expect(warningsOf(stack)).toEqual([
      expect.stringContaining('endpoints there for secretsmanager:'),
    ]);
  });

  it('will do with endpoints, which the app may create later', () => {
    const { stack, vpc } = inVpc(SubnetType.PRIVATE_ISOLATED);
    const { SECRETS_MANAGER, SNS } = InterfaceVpcEndpointAwsService;
    vpc.addInterfaceEndpoint('SecretsManager', { service: SECRETS_MANAGER });
    vpc.addInterfaceEndpoint('Sns', { service: SNS });

    expect(warningsOf(stack)).toEqual([]);
  });

  it('are warned of beside others', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
      isolatedSubnetIds: ['subnet-0fedcba9876543210'],
      isolatedSubnetRouteTableIds: ['rtb-0fedcba9876543210'],
    });
    const subnets = [...vpc.privateSubnets, ...vpc.isolatedSubnets];
    rotationOf(stack, { vpc, vpcSubnets: { subnets } });

    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(/^1 of 2 subnets in vpc has no way out/),
    ]);
  });

  it('are told from those with NAT', () => {
    expect(warningsOf(inVpc(SubnetType.PRIVATE_WITH_EGRESS).stack)).toEqual([]);
  });
});
