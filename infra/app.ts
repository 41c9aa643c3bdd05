// The app of cdk.json: npx cdk deploy -c gitlabUrl=https://gitlab.example.com -c secretName=my-token

import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readContext } from './context.ts';
import { GitLabTokenRotationStack } from './stack.ts';

const app = new App();
// A finding fails the synthesis.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new GitLabTokenRotationStack(app, 'GitLabTokenRotation', readContext(app.node));
