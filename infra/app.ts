// The app of cdk.json: npx cdk deploy -c gitlabUrl=https://gitlab.example.com -c secretName=my-token

import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readContext } from './context.ts';
import { GitLabTokenRotationStack } from './stack.ts';

const app = new App();
// A finding fails the synthesis.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  new GitLabTokenRotationStack(app, 'GitLabTokenRotation', readContext(app.node));
} catch (error) {
  // `cdk --debug` sets it. Else a setting that cannot work is told in its words alone.
  if (process.env['CDK_DEBUG'] !== undefined || !(error instanceof Error)) {
    throw error;
  }
  process.stderr.write(`\n${error.message}\n\n`);
  process.exit(1);
}
