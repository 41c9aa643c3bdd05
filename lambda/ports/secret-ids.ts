/*
 * The ids that Secrets Manager uses, in their documented forms.
 */

/**
 * The full ARN of a secret: its region, and its name before the six characters that AWS appends.
 * Names of managed secrets may hold a `!`.
 */
export const SECRET_ARN =
  /^arn:aws(?:-[a-z]+)*:secretsmanager:([a-z0-9-]{1,32}):\d{12}:secret:([\w/+=.@!-]{1,512})-[A-Za-z0-9]{6}$/;

/** The name of a secret. */
export const SECRET_NAME = /^[\w/+=.@!-]{1,512}$/;

/** A version. Usually a UUID, but callers may choose it. Alerts name it in commands for a shell. */
export const VERSION_ID = /^[\w+=,.@:/-]{32,64}$/;
