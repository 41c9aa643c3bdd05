import { summaryOf } from '../alerts/advice.ts';
import type { FindingCode, Risk } from '../failure.ts';
import { type Finding, worstFirst } from './finding.ts';

/** A secret with what was found at it. */
export interface DigestEntry {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** All secrets with the same finding and risk. */
interface Group {
  readonly code: FindingCode;
  readonly risk: Risk;
  readonly members: readonly string[];
}

/** A line of a mail. */
const WIDTH = 100;
const INDENT = '  ';
/** What a screen shows, beside the title and what to do. */
const MOST_LINES = 28;
/** Of one finding. The report of the run has all of them. */
const MOST_NAMES = 8;

/**
 * What was found at several secrets, by finding, the worst first: at most a screen. Where that is
 * too little, the last ones are only named.
 */
export function digestOf(entries: readonly DigestEntry[]): readonly string[] {
  const groups = groupsOf(entries);
  const counts = [...groups.keys(), groups.length].toReversed();
  const inFull = counts.find((count) => linesOf(groups, count).length <= MOST_LINES) ?? 0;
  return linesOf(groups, inFull);
}

function linesOf(groups: readonly Group[], inFull: number): readonly string[] {
  return groups.flatMap((group, index) => blockOf(group, index < inFull));
}

function groupsOf(entries: readonly DigestEntry[]): readonly Group[] {
  const all = worstFirst(
    entries.flatMap(({ name, findings }) => findings.map((each) => ({ ...each, name }))),
  );
  const groups = new Map<string, Group>();
  for (const each of all) {
    const { code, risk } = each;
    const key = `${code}, ${risk}`;
    const { members } = groups.get(key) ?? { members: [] };
    groups.set(key, { code, risk, members: [...members, memberOf(each)] });
  }
  return [...groups.values()];
}

function blockOf({ code, risk, members }: Group, isInFull: boolean): readonly string[] {
  const { happened, affected } = summaryOf(code, risk);
  const more = members.length - MOST_NAMES;
  const names = [...members.slice(0, MOST_NAMES), ...(more > 0 ? [`and ${more} more`] : [])];
  const words = risk === 'none' ? happened : `${happened} ${affected}`;
  return [
    `${code}: ${counted(members.length)}, risk: ${risk}`,
    ...(isInFull ? wrapped(words, INDENT) : []),
    ...wrapped(names.join(', '), INDENT),
    '',
  ];
}

/** As people say it. */
export function counted(secrets: number): string {
  return secrets === 1 ? '1 secret' : `${secrets} secrets`;
}

/** The name, and the one detail that differs from secret to secret. */
function memberOf({ name, details }: Finding & { readonly name: string }): string {
  const { expiresAt, recoveryExpiresAt, reason, refusal, operation } = details;
  const remark = expiresAt ?? recoveryExpiresAt ?? reason ?? refusal ?? operation;
  return remark === undefined ? name : `${name} (${remark})`;
}

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > WIDTH) {
      lines.push(`${indent}${line}`);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, `${indent}${line}`];
}
