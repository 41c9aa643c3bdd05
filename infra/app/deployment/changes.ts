import type { DeployConfirmationRequest } from '@aws-cdk/toolkit-lib';
import { beside } from '../../terminal/layout.ts';
import { presentDifferences } from './differences.ts';
import { countOf, kindOf, labelOf, type Properties } from './kinds.ts';

/** Which changes a person must agree to, in the words of the CDK CLI. */
export const APPROVALS = ['never', 'broadening', 'any-change'] as const;

/** What a deployment would do to one resource. */
export interface ResourceChange {
  readonly logicalId: string;
  readonly type: string;
  readonly verb: 'create' | 'update' | 'replace' | 'delete' | 'keep';
  /** Of the resource that is there, or that is created. */
  readonly label: string | undefined;
  readonly before: Properties;
  readonly after: Properties;
  /** Names of properties that change; if none does, what else, such as DependsOn. */
  readonly properties: readonly string[];
}

/** Impacts as CDK's diff calls them. Where CloudFormation cannot tell, it may replace. */
const VERBS: Readonly<Record<string, ResourceChange['verb']>> = {
  WILL_CREATE: 'create',
  WILL_UPDATE: 'update',
  WILL_REPLACE: 'replace',
  MAY_REPLACE: 'replace',
  WILL_DESTROY: 'delete',
  // It stays, and belongs to no stack any more.
  WILL_ORPHAN: 'keep',
};

/** Every change, as the change set and the templates before and after it say. */
export function changesOf(
  templateDiffs: DeployConfirmationRequest['templateDiffs'],
): readonly ResourceChange[] {
  const changes: ResourceChange[] = [];
  for (const { resources } of Object.values(templateDiffs)) {
    resources.forEachDifference((logicalId, change) => {
      const verb = VERBS[change.changeImpact];
      const type = change.oldResourceType ?? change.newResourceType ?? '';
      if (verb) {
        const before = change.oldProperties ?? {};
        const after = change.newProperties ?? {};
        const label = labelOf(type, change.oldProperties ?? after);
        const names = Object.keys(change.propertyUpdates);
        const properties = names.length > 0 ? names : Object.keys(change.otherChanges);
        changes.push({ logicalId, type, verb, label, before, after, properties });
      }
    });
  }
  return changes;
}

/** Whether there is no such stack yet: every template of this app has a description. */
export function isNewStack(templateDiffs: DeployConfirmationRequest['templateDiffs']): boolean {
  const [diff] = Object.values(templateDiffs);
  return (
    diff?.description?.isAddition === true &&
    changesOf(templateDiffs).every(({ verb }) => verb === 'create')
  );
}

const VERB_ORDER = ['create', 'update', 'replace', 'delete', 'keep'] as const;
/** Of one kind, before "and more". */
const LABELS_SHOWN = 5;
/** Of resources that change alike. */
const DIFFERENCES_SHOWN = 12;
const VERB_WIDTH = 8;
const INDENT = ' '.repeat(6);

/** For each verb, the resources of a kind that change alike, and below them what changes. */
export function presentChanges(
  changes: readonly ResourceChange[],
  width: number,
): readonly string[] {
  return VERB_ORDER.flatMap((verb) => {
    const ofVerb = changes.filter((change) => change.verb === verb);
    const types = [...new Set(ofVerb.map(({ type }) => type))];
    return types.flatMap((type) => {
      const ofType = ofVerb.filter((change) => change.type === type);
      const differences = (change: ResourceChange) => linesOf(change, width).join('\n');
      return [...Map.groupBy(ofType, differences)].flatMap(([lines, alike]) => [
        ...beside(`  ${verb.padEnd(VERB_WIDTH)}`, presentKind(type, alike), width),
        ...presentLines(lines),
      ]);
    });
  });
}

function linesOf(change: ResourceChange, width: number): readonly string[] {
  const { verb, before, after, properties } = change;
  return verb === 'update' || verb === 'replace'
    ? presentDifferences(before, after, properties, width - INDENT.length)
    : [];
}

function presentLines(text: string): readonly string[] {
  const lines = text === '' ? [] : text.split('\n');
  const shown = lines.slice(0, DIFFERENCES_SHOWN);
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `${INDENT}${line}`);
}

function presentKind(type: string, changes: readonly ResourceChange[]): string {
  const labels = changes.flatMap(({ label }) => label ?? []);
  const shown = changes[0]?.verb === 'create' ? labels.slice(0, LABELS_SHOWN) : labels;
  const more = labels.length > shown.length ? ` and ${labels.length - shown.length} more` : '';
  return [
    changes.length === 1 ? kindOf(type) : countOf(type, changes.length),
    shown.length > 0 && ` ${shown.join(', ')}${more}`,
  ]
    .filter(Boolean)
    .join('');
}
