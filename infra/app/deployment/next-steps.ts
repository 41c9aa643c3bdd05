import type { RotationSettings } from '../settings/schema.ts';
import type { SecretSettings } from '../settings/secret.ts';
import type { NewResources } from './obstacles.ts';
import type { SecretState } from './secret-state.ts';
import { forEachId, shellWord } from './shell.ts';

/** What has just been deployed. */
export interface Deployed {
  readonly settings: RotationSettings;
  readonly states: readonly SecretState[];
  /** What is new in the stack, by the names of the secrets. */
  readonly created: NewResources;
  /** Addresses whose subscription is new. */
  readonly newAddresses: readonly string[];
  readonly functionArn: string;
  readonly topicArn: string;
  /** Of the AWS CLI. */
  readonly profile: string | undefined;
}

/** Whether rotation is enabled, and the commands that come next, with the real names. */
export function presentNextSteps(deployed: Deployed): string {
  const { states, newAddresses } = deployed;
  const aws = awsCommand(deployed);
  const newIds = states
    .filter((state) => isNew(state, deployed) && ownerOf(state, deployed) === undefined)
    .map(idOf);
  const steps = [
    ...putCommands(deployed),
    newAddresses.length > 0 &&
      `Confirm the mail within two days: follow the link in the first mail to ${newAddresses.join(', ')}. Until then SNS drops every alert, and later it has deleted the subscription. Then ask for a new mail:\n\n${newAddresses.map((address) => code(subscribeCommand(deployed, address))).join('\n')}`,
    newIds.length > 0 &&
      `Do a dry run, which rotates nothing. If something is wrong, you get an alert.\n\n${code(forEachId(newIds, `${aws} rotate-secret --secret-id "$SECRET_ID" --no-rotate-immediately`))}`,
    newIds.length > 0 &&
      `Rotate.\n\n${code(forEachId(newIds, `${aws} rotate-secret --secret-id "$SECRET_ID"`))}`,
  ].filter((step) => step !== false);
  return [
    ...presentRotation(deployed),
    steps.length === 0
      ? 'There is nothing else to do.'
      : ['Next:', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n\n'),
  ].join('\n\n');
}

/** Whether every secret of this account that could be read is rotated. */
export function isRotationEnabled(deployed: Pick<Deployed, 'states' | 'functionArn'>): boolean {
  return deployed.states.every(
    (state) => state.isRotated !== false || ownerOf(state, deployed) !== undefined,
  );
}

function presentRotation(deployed: Deployed): readonly string[] {
  const { states } = deployed;
  const enabled = states.filter(({ isRotated }) => isRotated === true);
  const disabled = states.filter(({ isRotated }) => isRotated === false);
  const unknown = states.filter(({ isRotated }) => isRotated === undefined);
  const describe = `${awsCommand(deployed)} describe-secret --secret-id "$SECRET_ID" --query RotationEnabled`;
  return [
    // Of one secret that is not rotated, the next line says so.
    ...(states.length > 1
      ? [`Rotation is enabled for ${enabled.length} of ${states.length} secrets.`]
      : enabled.map(({ name }) => `Rotation is enabled for ${name}.`)),
    ...disabled.map(
      (state) =>
        `Rotation is NOT enabled for ${state.name}. Switch it on${credentialsFor(state, deployed)}:\n\n${code(enableCommand(deployed, state))}`,
    ),
    ...(unknown.length > 0
      ? [
          `It could not be read for ${unknown.map(({ name, error }) => `${name} (${error})`).join(', ')}. Look yourself:\n\n${code(forEachId(unknown.map(idOf), describe))}`,
        ]
      : []),
  ];
}

/** The account of a secret, if it is another one than that of the function: its schedule is set there. */
function ownerOf(
  { settings: { arn } }: SecretState,
  { functionArn }: Pick<Deployed, 'functionArn'>,
): string | undefined {
  const accountOf = (text: string) => text.split(':')[4];
  return arn === undefined || accountOf(arn) === accountOf(functionArn)
    ? undefined
    : accountOf(arn);
}

function credentialsFor(state: SecretState, deployed: Deployed): string {
  const owner = ownerOf(state, deployed);
  return owner === undefined ? '' : `, with credentials of account ${owner}`;
}

function enableCommand(deployed: Deployed, state: SecretState): string {
  const { settings, functionArn } = deployed;
  const { schedule = settings.schedule ?? 'rate(30 days)', window = settings.window } =
    state.settings;
  const rules = JSON.stringify({
    ScheduleExpression: schedule,
    ...(window !== undefined && { Duration: window }),
  });
  const isForeign = ownerOf(state, deployed) !== undefined;
  const aws = awsCommand(isForeign ? { profile: undefined } : deployed);
  return `${aws} rotate-secret --secret-id ${shellWord(idOf(state))} --rotation-lambda-arn ${functionArn} --rotation-rules ${shellWord(rules)} --no-rotate-immediately`;
}

const WITHOUT_PROJECT =
  'A lost token can be recovered only if its project is known: set projectId in rotation.json, or add it here, as in {"token": env.TOKEN, "projectId": "group/app"}.';

/** A command for each form of a secret: its field of the token, with a standby or without. */
function putCommands(deployed: Deployed): readonly string[] {
  const { settings, states } = deployed;
  const aws = awsCommand(deployed);
  const idsOf = new Map<string, string[]>();
  const unknown = new Set<string>();
  for (const state of states.filter((each) => needsValue(each, deployed))) {
    const own = { ...settings, ...state.settings };
    const command = putCommand(aws, own);
    idsOf.set(command, [...(idsOf.get(command) ?? []), idOf(state)]);
    if (own.projectId === undefined) {
      unknown.add(command);
    }
  }
  return [...idsOf].map(([command, ids]) => {
    const keys = command.includes('STANDBY')
      ? 'the token and Enter, then for the standby and Enter'
      : 'the token and Enter';
    const what = command.includes('STANDBY') ? 'two tokens' : 'token';
    const [head, loop] =
      ids.length === 1
        ? [`Put the ${what} into ${ids[0]}. The command waits`, command]
        : [
            `Put the tokens into ${ids.length} secrets. For each, the command waits`,
            `printf '%s: ' "$SECRET_ID"; ${command}`,
          ];
    const text = `${head}, without echo, for ${keys}.${unknown.has(command) ? ` ${WITHOUT_PROJECT}` : ''}`;
    return `${text}\n\n${code(forEachId(ids, loop))}`;
  });
}

function putCommand(
  aws: string,
  {
    tokenField = 'token',
    alternatingTokens,
  }: Pick<SecretSettings, 'tokenField' | 'alternatingTokens'>,
): string {
  const field = JSON.stringify(tokenField);
  const [names, value] = alternatingTokens
    ? [['TOKEN', 'STANDBY'], `{${field}: env.TOKEN, "standby": {"token": env.STANDBY}}`]
    : [['TOKEN'], `{${field}: env.TOKEN}`];
  const read = [
    ...names.map((name) => `read -rs ${name}`),
    // Enter alone would put an empty token.
    ...names.map((name) => `: "\${${name}:?is empty}"`),
    `export ${names.join(' ')}`,
  ].join(' && ');
  return `( ${read} && jq -n ${shellWord(value)} | ${aws} put-secret-value --secret-id "$SECRET_ID" --secret-string file:///dev/stdin )`;
}

/**
 * A secret that could not be read is empty only if this deployment has created it. To put a token
 * into any other would write over the one that was rotated since.
 */
function needsValue({ name, hasValue }: SecretState, { created }: Deployed): boolean {
  return hasValue === false || (hasValue === undefined && created.secrets.includes(name));
}

function isNew({ name, wasRotated }: SecretState, { created }: Deployed): boolean {
  return wasRotated === false || (wasRotated === undefined && created.schedules.includes(name));
}

function idOf({ name, settings }: SecretState): string {
  return settings.arn ?? name;
}

/** SNS deletes a subscription that is not confirmed within 48 hours: announcement of 10 May 2023. */
function subscribeCommand(deployed: Deployed, address: string): string {
  return `${awsCommand(deployed, 'sns')} subscribe --topic-arn ${deployed.topicArn} --protocol email --notification-endpoint ${shellWord(address)}`;
}

function awsCommand({ profile }: Pick<Deployed, 'profile'>, service = 'secretsmanager'): string {
  return profile === undefined
    ? `aws ${service}`
    : `aws --profile ${shellWord(profile)} ${service}`;
}

function code(command: string): string {
  return `   ${command}`;
}
