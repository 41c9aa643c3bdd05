import { Refusal } from '../state/errors.ts';
import type { Secret } from '../state/secret.ts';
import type { SecretVersion } from '../state/versions.ts';
import type { RequestFields } from './request.ts';

const MAX_PAGE = 100;
const TOKEN_PREFIX = 'after:';

/** One page of ListSecretVersionIds; `nextToken` where the list goes on. */
export interface VersionPage {
  readonly versions: readonly SecretVersion[];
  readonly nextToken: string | undefined;
}

/**
 * Cuts one page out of the list of a secret's versions.
 *
 * @throws {Refusal} InvalidNextTokenException, InvalidParameterException
 */
export function versionPage(secret: Secret, fields: RequestFields): VersionPage {
  const size = fields.wholeNumber('MaxResults', { min: 1, max: MAX_PAGE }) ?? MAX_PAGE;
  const withDeprecated = fields.flag('IncludeDeprecated') === true;
  const before = placeIn(fields.text('NextToken'));
  const rest = secret.versions
    .filter(({ labels }) => withDeprecated || labels.length > 0)
    .toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
    .filter((version) => placeOf(version) > before);
  const versions = rest.slice(0, size);
  const last = versions.at(-1);
  return {
    versions,
    nextToken: last && versions.length < rest.length ? tokenOf(placeOf(last)) : undefined,
  };
}

/**
 * Where a version stands in the list: the placeholder of a rotation after all others, as on AWS,
 * whose reference names no order. This order is not that of age, so no caller can rely on it.
 */
function placeOf({ versionId, value }: SecretVersion): string {
  return `${value ? 0 : 1} ${versionId}`;
}

/** Names a place, not a version, so that nothing is shown twice or left out when one is pruned. */
function tokenOf(place: string): string {
  return Buffer.from(`${TOKEN_PREFIX}${place}`).toString('base64url');
}

function placeIn(token: string | undefined): string {
  if (token === undefined) {
    return '';
  }
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith(TOKEN_PREFIX)) {
    throw new Refusal('InvalidNextTokenException', 'The NextToken value is invalid.');
  }
  return text.slice(TOKEN_PREFIX.length);
}
