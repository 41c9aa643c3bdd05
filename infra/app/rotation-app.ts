import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { RotationSettings } from './settings/schema.ts';
import { GitLabTokenRotationStack } from './stack.ts';

/**
 * The app with its one stack. A finding of cdk-nag fails its synthesis.
 *
 * @throws {Error} with each setting that cannot work, by its path in rotation.json
 */
export function rotationApp(settings: RotationSettings, props: AppProps = {}): App {
  const app = new App(props);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new GitLabTokenRotationStack(app, settings);
  return app;
}
