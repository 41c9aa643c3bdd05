/** One token that rotates itself, or two that take turns. */
export type Strategy = 'single' | 'alternating';

/** What happened in one simulation. Times are milliseconds since its beginning. No token is in it. */
export interface Timeline {
  readonly strategy: Strategy;
  readonly days: number;
  readonly seed: number;
  /** In the order of their beginnings. */
  readonly rotations: readonly RotationMark[];
  /** What a person changed between rotations. */
  readonly changes: readonly ChangeMark[];
  /** What a person did about alerts. */
  readonly repairs: readonly Repair[];
  /** Every run of the watch. */
  readonly watches: readonly WatchMark[];
  /** In the order of their births. */
  readonly tokens: readonly TokenLife[];
  readonly labels: readonly LabelSpan[];
  readonly alerts: readonly AlertMark[];
  readonly consumers: readonly ConsumerRecord[];
}

/** One rotation, all its attempts together. */
export interface RotationMark {
  readonly at: number;
  /** Who began it: the schedule, or a person after a repair. */
  readonly by: 'schedule' | 'person';
  readonly succeeded: boolean;
  readonly attempts: number;
  /** What disturbed it, in a word or two. */
  readonly fault?: string;
}

/** A change that nobody was told of by whoever made it. */
export interface ChangeMark {
  readonly at: number;
  /** In a word or two. */
  readonly what: string;
}

/** One run of the watch. */
export interface WatchMark {
  readonly at: number;
  /** What it found, the worst first. */
  readonly codes: readonly string[];
  /** Of the worst; absent where it found nothing. */
  readonly risk?: string;
}

export interface Repair {
  readonly at: number;
  readonly what: string;
}

/** How long GitLab accepted a token. */
export interface TokenLife {
  /** The family and a number in it: A1, A2, B1. */
  readonly name: string;
  readonly family: string;
  readonly from: number;
  readonly to: number;
  /** Whether a version of the secret ever held its value; else it was lost. */
  readonly known: boolean;
}

/** How long a label was on a version. */
export interface LabelSpan {
  readonly label: string;
  /** Versions are numbered as they are made, from 1. */
  readonly version: number;
  /** Name of the token that consumers of that version use; absent while it is empty. */
  readonly token?: string;
  readonly from: number;
  readonly to: number;
}

/** One message of the topic. */
export interface AlertMark {
  readonly at: number;
  readonly code: string;
  readonly risk: string;
  readonly step: string;
}

/** What one consumer saw. */
export interface ConsumerRecord {
  readonly name: string;
  readonly calls: number;
  /** Of the calls, those that were really made over HTTP; the others lie in quiet stretches. */
  readonly made: number;
  /** Calls that ended with 401. */
  readonly unauthorized: number;
  /** Of these, while the version with AWSCURRENT or AWSPENDING had an active token: avoidable. */
  readonly avoidable: number;
  /** Calls that got no answer, because GitLab was down. */
  readonly unanswered: number;
  readonly outages: readonly Outage[];
}

/** Failed calls in a row, from the first of them to the next that did not fail so. */
export interface Outage {
  /** GitLab answered 401, or did not answer. */
  readonly kind: 'unauthorized' | 'unanswered';
  readonly from: number;
  readonly to: number;
  readonly calls: number;
  /** Of these, while the version with AWSCURRENT or AWSPENDING had an active token. */
  readonly avoidable: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
