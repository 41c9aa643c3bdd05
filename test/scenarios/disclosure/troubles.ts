import type { Fault, FaultEffect, Faults } from '../../../infra/local/server/faults.ts';
import { snsError } from '../../../infra/local/sns/errors.ts';
import type { Sns } from '../../../infra/local/sns/sns.ts';
import type { Rig } from '../../rig/function/rig.ts';
import type { Secrets, Topic, Trouble } from './cases.ts';

/** Lets the trouble come when its time is there. @param botId of the token that is rotated */
export function arrange(
  rig: Rig,
  sns: Sns,
  what: Trouble,
  how: Topic,
  held: Secrets,
  botId: number,
): void {
  const { gitlab, secretsManager } = rig;
  const quote = Object.values(held).join(' ');
  if (what.kind === 'gitlab') {
    gitlab.faults.add(wrongAnswer(what, held, botId));
  }
  if (what.kind === 'loss') {
    if (what.how === 'race') {
      gitlab.faults.add({ operation: 'rotate', at: 'before', effect: { kind: 'twice' } });
    }
    if (what.how !== 'before') {
      gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'cut' } });
    }
    if (what.operation !== 'none') {
      // Of the probes the first are about the token itself.
      const nth = what.operation === 'probe' ? 4 : 1;
      gitlab.faults.add({ ...wrongAnswer(what, held, botId), nth, times: 1000 });
    }
  }
  if (what.kind === 'store') {
    const { operation, nth, type, form } = what;
    const body =
      form === 'text'
        ? quote
        : JSON.stringify({ __type: type, Message: quote, [form]: quote, SecretString: quote });
    const headers = { 'x-amzn-requestid': held.token };
    const effect: FaultEffect = { kind: 'answer', answer: { status: 400, headers, body } };
    secretsManager.faults.add({ operation, at: 'before', nth, times: 3, effect });
  }
  if (what.kind === 'transport') {
    const { operation, effect: kind, nth } = what;
    for (const { faults } of [gitlab, secretsManager]) {
      // The SDK tries three times by itself.
      faults.add({ operation, at: 'after', nth, times: 3, effect: { kind } });
    }
  }
  arrangeTopic(sns.faults, how, held);
}

/** GitLab's answer with what must not be told in it. */
function wrongAnswer(
  {
    operation,
    at,
    status,
    form,
  }: Pick<Extract<Trouble, { kind: 'gitlab' | 'loss' }>, 'operation' | 'at' | 'status' | 'form'>,
  held: Secrets,
  botId: number,
): Fault {
  const quote = Object.values(held).join(' ');
  const listed = { user_id: botId, name: quote, created_at: held.recovery };
  const bodies: Readonly<Record<string, string>> = {
    message: JSON.stringify({ message: quote }),
    error: JSON.stringify({ error: held.token, error_description: quote }),
    active: JSON.stringify({ id: 4, ...listed, scopes: [held.token, quote], expires_at: null }),
    token: JSON.stringify({ token: `${held.token} `, id: held.token, scopes: [quote] }),
    list: JSON.stringify([
      { id: 4, ...listed },
      { id: 5, ...listed, name: held.recovery },
      { id: 6, ...listed, name: `"${held.standby}` },
    ]),
  };
  const headers = {
    'x-request-id': held.token,
    'retry-after': held.token,
    // A list that names no page of GitLab's as the next is not taken for whole.
    'x-next-page': form === 'list' ? '' : held.recovery,
    location: `https://${held.recovery}`.replace(/[^\x21-\x7e]/g, ''),
  };
  const answer = { status, headers, body: bodies[form] ?? quote };
  return { operation, at, effect: { kind: 'answer', answer } };
}

function arrangeTopic(faults: Faults, how: Topic, held: Secrets): void {
  const quote = Object.values(held).join(' ');
  const effects: Readonly<Record<Topic, FaultEffect | undefined>> = {
    takes: undefined,
    refuses: { kind: 'answer', answer: snsError(403, 'AuthorizationError', quote) },
    'refuses in plain text': {
      kind: 'answer',
      answer: { status: 400, headers: { 'x-amzn-requestid': held.token }, body: quote },
    },
    cuts: { kind: 'cut' },
  };
  const effect = effects[how];
  if (effect !== undefined) {
    faults.add({ operation: 'Publish', at: 'after', times: Number.POSITIVE_INFINITY, effect });
  }
}
