/*
 * One rotation must end well within 60 s, so that Secrets Manager never starts
 * a second run beside a first. All values are milliseconds.
 */

/** Each part of the way to GitLab: TCP and TLS to it or to a proxy, and the tunnel of the proxy. */
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One address of a host that has several, before the next is tried. Node's default, 250, is less
 * than some networks take. Of silent addresses the time to connect covers two: a third gets the
 * second that is left, a fourth nothing.
 */
export const ADDRESS_TIMEOUT_MS = 2_000;

/** One probe, from its first byte to its last. */
export const PROBE_TIMEOUT_MS = 10_000;

/** Minimum time-out of a probe, even when the time is used up. */
export const LEAST_PROBE_TIMEOUT_MS = 1_000;

/** What a rotate request gets at least. It gets all that can be spared, for a late answer holds the only copy of a token. */
export const ROTATE_TIMEOUT_MS = 30_000;

/** After which GitLab itself gives up, so that no answer will come any more. */
export const GITLAB_TIMEOUT_MS = 60_000;

/**
 * Kept free, beside the reserve, for finding out what became of a request without an answer. Short,
 * for the time is better spent on waiting for the answer: the next attempt finds out too.
 */
export const FIND_OUT_MS = 2_000;

/** Asking for the version, only to explain a refusal. */
export const VERSION_TIMEOUT_MS = 5_000;

/** Revoking an orphan, with what is repeated of it: the rotation has ended well, so this may not hold it up. */
export const REVOKE_MS = 5_000;
/** One try of it. */
export const REVOKE_TIMEOUT_MS = 2_000;

/** Kept free at the end of an invocation for storing the successor and for the alert. */
export const RESERVE_MS = 5_000;

/** Of the reserve, what the alert alone needs: storing is tried until then. */
export const ALERT_RESERVE_MS = 2_000;

/** What is left when storing is tried for the last time: a second for the try, then the alert. */
export const LAST_TRY_MS = ALERT_RESERVE_MS + 1_000;

/** A rotate request is not begun with less than this left. */
export const ROTATE_AND_STORE_MS = ROTATE_TIMEOUT_MS + RESERVE_MS;

/** One request that only looks: what a token can reach, which tokens a project has. */
export const LOOK_TIMEOUT_MS = 5_000;

/** Two tokens are not compared again with less than this left: the last probe and the rotation come after it. */
export const COMPARE_AGAIN_MS = ROTATE_AND_STORE_MS + PROBE_TIMEOUT_MS + LOOK_TIMEOUT_MS;

/** A lost successor is not looked for with less than this left: it takes a rotation and a put. */
export const RECOVER_MS = 12_000;

/** A look for it is not repeated with less than this left: its answer would come too late. */
export const LOOK_AGAIN_MS = RECOVER_MS + LOOK_TIMEOUT_MS;

/**
 * What looking after the recovery credential needs beside the rotation: a read, a probe and a
 * notice at their slowest, and the rotation's own last looks.
 */
export const WATCH_MS = 20_000;

/** Reading the schedule in the dead window, where consumers are waiting. */
export const LOOK_AHEAD_TIMEOUT_MS = 2_000;

/** One read that only serves to tell a failure better. */
export const READ_TIMEOUT_MS = 5_000;

/** One try to store the successor, with what the SDK repeats of it. */
export const STORE_TIMEOUT_MS = 10_000;

/** One call of Secrets Manager or SNS, an attempt of the SDK each. */
export const AWS_CONNECT_TIMEOUT_MS = 1_000;
/** One of its addresses, before the next is tried. An endpoint in a VPC has one in each zone: three are tried in the time to connect. */
export const AWS_ADDRESS_TIMEOUT_MS = 300;
export const AWS_REQUEST_TIMEOUT_MS = 3_000;

/** One call of Secrets Manager or SNS with all attempts of the SDK and the pauses between. */
export const AWS_CALL_TIMEOUT_MS = 10_000;

/** Telling something that is no failure: it may not hold a rotation up for longer. */
export const NOTICE_TIMEOUT_MS = 2_000;

/** What an invocation needs to log its end when publishing took all the time there was. */
export const FINAL_LOG_MS = 250;

/**
 * How long a read may miss what an earlier step wrote: reads of Secrets Manager
 * are eventually consistent.
 */
export const CONSISTENCY_BUDGET_MS = 12_000;

/** Pauses between attempts grow from the first to the last of these. */
export const FIRST_PAUSE_MS = 250;
export const LONGEST_PAUSE_MS = 4_000;
