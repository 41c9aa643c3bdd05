import type { Advice } from './advice.ts';
import type { Action } from './runbook.ts';
import { clip, type Fact } from './text.ts';

/** What heads a message in a chat. */
export interface ChatHead {
  readonly title: string;
  readonly summary: string;
  /** At most 75 characters each. */
  readonly keywords: readonly string[];
  /** Messages with the same one stand in one thread. */
  readonly threadId: string;
}

/**
 * The limits of a custom notification, in characters: Amazon Q Developer in chat
 * applications, "Custom notifications".
 */
const TITLE_LIMIT = 250;
const DESCRIPTION_LIMIT = 8000;
const NEXT_STEP_LIMIT = 350;
/** Ours: no single detail may fill a chat. */
const FACT_LIMIT = 300;

/**
 * An alert as a custom notification, which chat integrations render and
 * programs parse.
 *
 * @param context - for programs and custom actions; not rendered
 */
export function renderChat(
  head: ChatHead,
  advice: Advice,
  facts: readonly Fact[],
  context: Readonly<Record<string, string>>,
): string {
  return renderNotification(head, describe(advice, facts), advice.todo, context);
}

/** The same, with a description that is there already. */
export function renderNotification(
  { title, summary, keywords, threadId }: ChatHead,
  description: string,
  todo: readonly Action[],
  context: Readonly<Record<string, string>>,
): string {
  const notification = {
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: clip(title, TITLE_LIMIT),
      description: clip(description, DESCRIPTION_LIMIT),
      nextSteps: todo.map(({ text }, index) => clip(`${index + 1}. ${text}`, NEXT_STEP_LIMIT)),
      keywords,
    },
    metadata: { threadId, summary, additionalContext: context },
  };
  return JSON.stringify(notification, (_key, value: unknown) =>
    typeof value === 'string' ? withoutMentions(value) : value,
  );
}

/**
 * The steps themselves are listed below the description, so here stand their
 * commands only. Half a command is worse than none: what does not fit is left out.
 */
function describe({ happened, affected, todo }: Advice, facts: readonly Fact[]): string {
  const parts = [
    `*What happened*\n${happened}`,
    `*Who is affected*\n${affected}`,
    ...todo.flatMap(renderCommands),
    '*Ids and details*',
    ...facts.map(renderFact),
  ];
  return parts.reduce((text, part) => {
    const longer = text === '' ? part : `${text}\n${part}`;
    return longer.length > DESCRIPTION_LIMIT ? text : longer;
  }, '');
}

function renderCommands({ commands }: Action, index: number): readonly string[] {
  return commands.length === 0
    ? []
    : [
        `*For step ${index + 1}*\n${commands.map((command) => `\`\`\`${command}\`\`\``).join('\n')}`,
      ];
}

function renderFact([label, value]: Fact): string {
  return `${label}: \`${clip(value.replaceAll('`', "'"), FACT_LIMIT)}\``;
}

// `<@…>` and `<!…>` call people in Slack, and `<…|…>` is a link. Nothing of ours needs the character.
function withoutMentions(text: string): string {
  return text.replaceAll('<', '‹');
}
