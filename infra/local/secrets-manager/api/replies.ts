import type { Secret } from '../state/secret.ts';

/** `ARN` and `Name`, with which every reply begins. */
export function identity({ arn, name }: Secret): { readonly ARN: string; readonly Name: string } {
  return { ARN: arn, Name: name };
}

/** Milliseconds as AWS writes times: seconds, with a fraction. */
export function seconds(time: number): number;
export function seconds(time: number | undefined): number | undefined;
export function seconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time / 1000;
}

/** A deprecated version has no VersionStages member at all. */
export function presentStages(labels: readonly string[]): readonly string[] | undefined {
  return labels.length > 0 ? labels : undefined;
}
