import { join } from 'node:path';
import {
  BaseCredentials,
  CdkAppMultiContext,
  type ICloudAssemblySource,
  type IIoHost,
  Toolkit,
} from '@aws-cdk/toolkit-lib';
import { rotationApp } from './rotation-app.ts';
import { ROOT } from './rotation-file.ts';
import type { RotationSettings } from './settings/schema.ts';

/** Where the synthesised app is, as for the CDK CLI. */
const OUTPUT = join(ROOT, 'cdk.out');

/** The CDK CLI as a library. @param profile of the AWS CLI */
export function createToolkit(ioHost: IIoHost, profile?: string): Toolkit {
  return new Toolkit({
    ioHost,
    emojis: false,
    sdkConfig: {
      baseCredentials: BaseCredentials.awsCliCompatible(profile === undefined ? {} : { profile }),
    },
  });
}

/** The app of rotation.json, as the CDK CLI synthesises it with cdk.json. */
export function rotationSource(
  toolkit: Toolkit,
  settings: RotationSettings,
): Promise<ICloudAssemblySource> {
  return toolkit.fromAssemblyBuilder(
    async () => rotationApp(settings, { autoSynth: false }).synth(),
    {
      outdir: OUTPUT,
      contextStore: new CdkAppMultiContext(ROOT),
      synthOptions: { versionReporting: false },
    },
  );
}
