export { GitLabTokenRotation } from './construct/gitlab-token-rotation.ts';
export type {
  GitLabTokenRotationProps,
  RotatedEventOptions,
  RotatedSecretProps,
  TokenRotationOptions,
} from './construct/props.ts';
