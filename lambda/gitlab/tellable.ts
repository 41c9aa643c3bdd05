/** A name is told to help find a token in GitLab's own list, where it stands whole. */
const NAME_LIMIT = 60;
/** No token is shorter, and a longer run without a blank may be one. */
const LONGEST_RUN = 15;
const SHOWN_OF_RUN = 8;
const CUT = '…';

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * The name that somebody gave a token, as far as it may be told. People write
 * what they like, a token's value too, and nobody knows the values of all that
 * live; so of whatever is long enough to be one, only the beginning is told.
 */
export function tellableName(name: string): string {
  const runs = name
    // Controls, and what reorders or hides other characters.
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .replaceAll('"', "'")
    .split(' ')
    .map((run) => clip(run, LONGEST_RUN, SHOWN_OF_RUN));
  return clip(runs.join(' '), NAME_LIMIT, NAME_LIMIT);
}

/** The time that GitLab states, in ISO 8601; empty for anything else. */
export function tellableTime(time: string): string {
  return TIME.test(time) ? time : '';
}

/** By whole characters: half of one is none. */
function clip(text: string, longest: number, shown: number): string {
  const characters = Array.from(text);
  return characters.length > longest ? `${characters.slice(0, shown).join('')}${CUT}` : text;
}
