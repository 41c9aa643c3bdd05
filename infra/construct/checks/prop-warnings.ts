import { Token } from 'aws-cdk-lib';
import type { GitLabTokenRotationProps } from '../props.ts';
import { skippedTimeWarning } from './skipped-time.ts';

/** What is allowed, and perhaps not meant. @returns warnings, each with the prop that it is about */
export function propWarnings(props: GitLabTokenRotationProps): [topic: string, text: string][] {
  const warnings = {
    gitlabUrl: pathWarning(props),
    noProxy: noProxyWarning(props),
    watchTime: skippedTimeWarning(props),
  };
  return Object.entries(warnings).flatMap(([topic, text]) =>
    text === undefined ? [] : [[topic, text]],
  );
}

/** The path may be that of a project, pasted from a browser. */
function pathWarning({ gitlabUrl }: GitLabTokenRotationProps): string | undefined {
  if (Token.isUnresolved(gitlabUrl)) {
    return undefined;
  }
  const path = new URL(gitlabUrl).pathname.replace(/\/+$/, '');
  return path === ''
    ? undefined
    : `gitlabUrl ${JSON.stringify(gitlabUrl)} has a path. That is right only if GitLab itself is at ${path}; a group or project does not belong here`;
}

function noProxyWarning({ noProxy, httpsProxy }: GitLabTokenRotationProps): string | undefined {
  return noProxy !== undefined && httpsProxy === undefined
    ? 'noProxy has no effect without httpsProxy'
    : undefined;
}
