import { dirname, parse } from 'node:path';

/** What a function knows of itself. */
export interface FunctionSettings {
  /** Path of the bundle, such as `<folder>/index.cjs`. */
  readonly bundle: string;
  /** The export of the bundle that is the function. */
  readonly handler: string;
  readonly functionName: string;
  readonly region: string;
  readonly memoryMb: number;
  /** The variables that the function was deployed with. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What differs from sandbox to sandbox. */
export interface SandboxVariables {
  /** Host and port. */
  readonly AWS_LAMBDA_RUNTIME_API: string;
  readonly AWS_LAMBDA_LOG_STREAM_NAME: string;
}

/** The function's setting `Handler`: module and export. */
export function handlerOf({
  bundle,
  handler,
}: Pick<FunctionSettings, 'bundle' | 'handler'>): string {
  return `${parse(bundle).name}.${handler}`;
}

/**
 * All that a function finds in its environment, but for what differs from sandbox to sandbox.
 * Nothing comes from this process but where programs and temporary files are: its credentials,
 * proxies and options are not the function's.
 *
 * @throws {Error} for a variable that Lambda reserves (Lambda Developer Guide, "Defined runtime
 * environment variables")
 */
export function functionEnvironment(settings: FunctionSettings): Record<string, string> {
  const reserved = reservedVariables(settings);
  const clashes = Object.keys(settings.environment).filter(
    (name) => name in reserved || name.startsWith('AWS_LAMBDA_'),
  );
  if (clashes.length > 0) {
    throw new Error(`reserved for Lambda itself: ${clashes.join(', ')}`);
  }
  const { PATH, TMPDIR } = process.env;
  return {
    ...(PATH !== undefined && { PATH }),
    ...(TMPDIR !== undefined && { TMPDIR }),
    // A folder that is not there: the SDK would read this person's ~/.aws.
    HOME: '/nonexistent',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...settings.environment,
    ...reserved,
  };
}

function reservedVariables(settings: FunctionSettings): Record<string, string> {
  const { bundle, functionName, region, memoryMb } = settings;
  return {
    _HANDLER: handlerOf(settings),
    LAMBDA_TASK_ROOT: dirname(bundle),
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Of the execution role; no stand-in verifies signatures.
    AWS_ACCESS_KEY_ID: 'AKIDFUNCTION',
    AWS_SECRET_ACCESS_KEY: 'unused',
    AWS_SESSION_TOKEN: 'unused',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_LEVEL: 'INFO',
  };
}
