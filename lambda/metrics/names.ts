/** Where CloudWatch keeps all metrics of both functions. */
export const NAMESPACE = 'GitLabTokenRotation';

/**
 * Every metric, its unit, and the sets of dimensions under which CloudWatch keeps it: each set is a
 * metric of its own. All values of dimensions come from closed lists, but for the names of the
 * functions and of the secrets.
 */
export const METRICS = {
  /** Of each step of a rotation, also of one that failed. */
  StepDuration: { unit: 'Milliseconds', dimensions: [['FunctionName', 'Step']] },
  /** finishSecret ended: the new token is current. */
  RotationsSucceeded: { unit: 'Count', dimensions: [['FunctionName']] },
  /** A step failed. Secrets Manager tries again, so one rotation may fail several times. */
  RotationsFailed: { unit: 'Count', dimensions: [['FunctionName']] },
  /** A step found the successor of a lost token, and went on: the notice HEALED. */
  RotationsHealed: { unit: 'Count', dimensions: [['FunctionName']] },
  /** Of steps, dry runs and wrong events, by the code of the failure. */
  Failures: { unit: 'Count', dimensions: [['FunctionName', 'Code']] },
  /** Written at the end of each daily run, also zero. It counts the secret of the recovery credential, too. */
  SecretsWithFindings: { unit: 'Count', dimensions: [['FunctionName']] },
  /** Of one run of the watch, by the code of the finding. */
  Findings: { unit: 'Count', dimensions: [['FunctionName', 'Code']] },
  /**
   * Of each token that GitLab knows: zero if it is revoked or expired. The minimum without the secret
   * is that of the token that expires first, whatever the number of secrets.
   */
  DaysToExpiry: {
    unit: 'None',
    dimensions: [['FunctionName', 'SecretName', 'Token'], ['FunctionName']],
  },
} as const;

export type MetricName = keyof typeof METRICS;
/** `Token` is `current`, `standby` or `recovery`. */
export type DimensionName = (typeof METRICS)[MetricName]['dimensions'][number][number];
