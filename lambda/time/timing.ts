/*
 * One invocation has 60 s (`timeout` in infra/construct/function.ts), and must end before, else
 * nobody gets its alert. Runs can overlap all the same. All values are milliseconds.
 */

/** Each part of the way to GitLab: TCP and TLS to it or to a proxy, and the tunnel of the proxy. */
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One address of a host that has several, before the next is tried. Node's default, 250, is less
 * than some networks take. The time to connect covers two silent addresses. A third gets the
 * second that is left, a fourth nothing.
 */
export const ADDRESS_TIMEOUT_MS = 2_000;

/** One probe, from its first byte to its last. */
export const PROBE_TIMEOUT_MS = 10_000;

/** Minimum time-out of a probe, even at the cost of the reserve; but the alert keeps its part of it. */
export const LEAST_PROBE_TIMEOUT_MS = 1_000;

/** Minimum time-out of a rotate request. It gets all the time that can be spared, for a late answer holds the only copy of a token. */
export const ROTATE_TIMEOUT_MS = 30_000;

/** GitLab itself gives up on a request after this time, so a later answer will not come. */
export const GITLAB_TIMEOUT_MS = 60_000;

/**
 * Kept free, beside the reserve, to find out what a request without an answer has done. Short,
 * because the time is better spent on waiting for the answer: the next attempt finds out too.
 */
export const FIND_OUT_MS = 2_000;

/** Asking GitLab for its version, only to explain a refusal. */
export const VERSION_TIMEOUT_MS = 5_000;

/** Revoking an orphan, with its retries: the rotation has ended well, so this may not hold it up. */
export const REVOKE_MS = 5_000;
/** One try of it. */
export const REVOKE_TIMEOUT_MS = 2_000;

/** Kept free at the end of an invocation, to store the successor and to send the alert. */
export const RESERVE_MS = 5_000;

/** The part of the reserve that the alert needs: storing is tried until then. */
export const ALERT_RESERVE_MS = 2_000;

/** What is left when storing is tried for the last time: a second for the try, then the alert. */
export const LAST_TRY_MS = ALERT_RESERVE_MS + 1_000;

/** What a move of AWSCURRENT leaves: a second to look whether it was done, then the alert. */
export const LOOK_AND_ALERT_MS = ALERT_RESERVE_MS + 1_000;

/** A rotate request is not begun with less than this left. */
export const ROTATE_AND_STORE_MS = ROTATE_TIMEOUT_MS + RESERVE_MS;

/** One request that only lists: the memberships of a token, the tokens of a project. */
export const LIST_TIMEOUT_MS = 5_000;

/** Two tokens are not compared again with less than this left: the last probe and the rotation come after it. */
export const COMPARE_AGAIN_MS = ROTATE_AND_STORE_MS + PROBE_TIMEOUT_MS + LIST_TIMEOUT_MS;

/** A lost successor is not recovered with less than this left: that takes a rotation and a put. */
export const RECOVER_MS = 12_000;

/** The search for it is not repeated with less than this left: its answer would come too late. */
export const SEARCH_AGAIN_MS = RECOVER_MS + LIST_TIMEOUT_MS;

/** One read that can be done without, where consumers are waiting. */
export const DEAD_WINDOW_READ_TIMEOUT_MS = 2_000;

/** One short call beside the rotation itself: it explains a failure, decides what follows, or moves a label back. */
export const READ_TIMEOUT_MS = 5_000;

/** One try to store the successor, with the SDK's own retries. */
export const STORE_TIMEOUT_MS = 10_000;

/** One attempt of the SDK to connect to Secrets Manager or SNS. */
export const AWS_CONNECT_TIMEOUT_MS = 1_000;
/** One of its addresses, before the next is tried. An endpoint in a VPC has one in each zone: three are tried in the time to connect. */
export const AWS_ADDRESS_TIMEOUT_MS = 300;
/** One attempt of the SDK to call Secrets Manager or SNS. */
export const AWS_REQUEST_TIMEOUT_MS = 3_000;

/** One call of Secrets Manager or SNS with all attempts of the SDK and the pauses between. */
export const AWS_CALL_TIMEOUT_MS = 10_000;

/** Publishing a notice: it may not hold a rotation up for longer. */
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

/** What the watch leaves of its time: by then nothing is asked any more. It sends the digest then. */
export const WATCH_RESERVE_MS = 20_000;

/** The time for comparing two tokens in the watch: GitLab is asked once for what they can reach. */
export const WATCH_COMPARE_MS = COMPARE_AGAIN_MS;

/** The first pause of the watch after an answer that says nothing; each is twice as long as the one before. */
export const WATCH_PAUSE_MS = 2_000;
/** The longest, where GitLab does not ask for a longer one. */
export const WATCH_LONGEST_PAUSE_MS = 60_000;

/** After which the watch asks a GitLab no more that has not answered any probe meanwhile: a restart takes less. */
export const WATCH_DOWN_AFTER_MS = 180_000;

/** After which the watch looks again at a dead token: a rotation that is under way may be through by then. */
export const WATCH_DOUBT_MS = 60_000;
