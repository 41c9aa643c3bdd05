import type { DeployConfirmationRequest } from '@aws-cdk/toolkit-lib';
import { countOf, kindOf, labelOf, type Properties } from '../kinds.ts';

/** What a deployment would do to one resource. */
export interface ResourceChange {
  readonly logicalId: string;
  readonly type: string;
  readonly verb: 'create' | 'update' | 'replace' | 'delete' | 'keep';
  /** Of the resource that is there, or that is created. */
  readonly label: string | undefined;
  readonly before: Properties;
  readonly after: Properties;
  /** Names of properties that change. */
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
        const properties = Object.keys(change.propertyUpdates);
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

/** A line for each verb and kind of resource. */
export function presentChanges(changes: readonly ResourceChange[]): readonly string[] {
  return VERB_ORDER.flatMap((verb) => {
    const ofVerb = changes.filter((change) => change.verb === verb);
    const types = [...new Set(ofVerb.map(({ type }) => type))];
    return types.map((type) => {
      const ofType = ofVerb.filter((change) => change.type === type);
      return `  ${verb.padEnd(8)}${presentKind(type, ofType)}`;
    });
  });
}

function presentKind(type: string, changes: readonly ResourceChange[]): string {
  const labels = changes.flatMap(({ label }) => label ?? []);
  const shown = changes[0]?.verb === 'create' ? labels.slice(0, LABELS_SHOWN) : labels;
  const more = labels.length > shown.length ? ` and ${labels.length - shown.length} more` : '';
  const properties = [...new Set(changes.flatMap(({ properties: names }) => names))];
  return [
    changes.length === 1 ? kindOf(type) : countOf(type, changes.length),
    shown.length > 0 && ` ${shown.join(', ')}${more}`,
    changes[0]?.verb === 'update' && properties.length > 0 && ` (${properties.join(', ')})`,
  ]
    .filter(Boolean)
    .join('');
}
