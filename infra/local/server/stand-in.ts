import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type LocalClock, MACHINE_CLOCK } from './clock.ts';
import { FaultPlan, type Faults } from './faults.ts';
import type { Answer, Call } from './wire.ts';

/** What arrived and what was sent back; `status` is absent when the caller got no answer. */
export interface CallRecord {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly at: Date;
  readonly status?: number;
  /** What the protocol's stand-in noted when the call arrived. */
  readonly note?: CallNote;
}

/** Ids and facts about a call, never a secret. */
export type CallNote = Readonly<Record<string, string | number | boolean | undefined>>;

/** What every server on loopback offers, whatever protocol it speaks. */
export interface StandIn extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, or https where a certificate was given. */
  readonly url: string;
  readonly faults: Faults;
  /** Every call that reached the server, oldest first. */
  readonly calls: readonly CallRecord[];
  /**
   * Stops listening at once, so that connections are refused, until `resume`. Calls that are under
   * way still get their answers; the state stays.
   */
  pause(): void;
  resume(): Promise<void>;
}

export interface StandInProps {
  /** @default - a free port */
  readonly port?: number;
  /** @default - the clock of the machine */
  readonly clock?: LocalClock;
  /** PEM. @default - plain http */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The name of the operation that faults and records use. */
  readonly operationOf: (call: Call) => string;
  /** What else the record says of a call, read when it arrives. @default - nothing */
  readonly noteOf?: (call: Call) => CallNote;
  /** Carries the operation out: its effect is committed when the answer is returned. */
  readonly answer: (call: Call, operation: string) => Answer | Promise<Answer>;
}

/** Starts a server on 127.0.0.1 that answers calls one protocol's way, with faults on demand. */
export async function startStandIn(props: StandInProps): Promise<StandIn> {
  const { clock = MACHINE_CLOCK } = props;
  const plan = new FaultPlan(clock);
  const calls: CallRecord[] = [];
  const underWay = new Set<ServerResponse>();

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    clock.noteActivity();
    // Node would tell the machine's time, to which the SDK would then correct its own.
    response.setHeader('Date', clock.now().toUTCString());
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    // A caller that hangs up while it sends is no defect; one of ours must be seen.
    serve({ props, clock, plan, calls }, request, response).catch((error: unknown) => {
      response.destroy();
      if (!request.destroyed || request.complete) {
        console.error('stand-in failed', error);
      }
    });
  };
  const server = props.tls ? createTlsServer(props.tls, onRequest) : createServer(onRequest);
  server.on('connection', () => clock.noteActivity());
  const port = await listen(server, props.port ?? 0);

  return {
    url: `${props.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    faults: plan,
    calls,
    pause: () => {
      server.close();
      for (const response of underWay) {
        // Its connection must not serve another call.
        response.shouldKeepAlive = false;
      }
    },
    resume: async () => {
      await listen(server, port);
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** What one call meets: the protocol, the faults that are planned, and the record of all calls. */
interface Serving {
  readonly props: StandInProps;
  readonly clock: LocalClock;
  readonly plan: FaultPlan;
  readonly calls: CallRecord[];
}

async function serve(
  { props, clock, plan, calls }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = await readCall(request);
  const operation = props.operationOf(call);
  const { method, path } = call;
  const record: { -readonly [K in keyof CallRecord]: CallRecord[K] } = {
    operation,
    method,
    path,
    at: clock.now(),
    ...(props.noteOf && { note: props.noteOf(call) }),
  };
  calls.push(record);
  const status = await plan.strike(operation, response, () => props.answer(call, operation));
  if (status !== undefined) {
    record.status = status;
  }
  clock.noteActivity();
}

/** @param port - 0 for a free one @returns the port */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function readCall(request: IncomingMessage): Promise<Call> {
  // Joined, not resolved: a path that begins with two slashes is still a path.
  const { pathname, searchParams } = new URL(`http://stand-in${request.url}`);
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
  return {
    method: request.method ?? 'GET',
    path: pathname,
    query: searchParams,
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
