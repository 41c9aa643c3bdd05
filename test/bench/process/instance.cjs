// Runs in a process of its own: loads a bundle as Lambda's runtime does, and invokes it whenever it is
// told to. In JavaScript, and with nothing of the project: what is measured is the bundle.

const loadedAt = performance.now();
const { handler } = require(process.argv[2]);
const importMs = performance.now() - loadedAt;

/** As the runtime gives it. */
const context = {
  awsRequestId: 'request',
  functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
  invokedFunctionArn: process.argv[3],
  getRemainingTimeInMillis: () => 60_000,
};

process.on('message', async ({ event, isProfiled }) => {
  const profiler = isProfiled ? await startProfiler() : undefined;
  const [begunAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const threadBefore = process.threadCpuUsage();
  const failure = await invoke(event);
  const wallMs = performance.now() - begunAt;
  const figures = {
    failure,
    wallMs,
    threadMs: milliseconds(process.threadCpuUsage(threadBefore)),
    cpuMs: milliseconds(process.cpuUsage(cpuBefore)),
    importMs,
    sinceStartMs: performance.now(),
    cpuSinceStartMs: milliseconds(process.cpuUsage()),
    memoryBytes: process.memoryUsage.rss(),
  };
  const profiled = await profiler?.post('Profiler.stop');
  profiler?.disconnect();
  process.send({ ...figures, ...profiled });
});

async function invoke(event) {
  try {
    await handler(event, context);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

async function startProfiler() {
  // Not before it is needed, since loading it takes memory.
  const { Session } = require('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 100 });
  await session.post('Profiler.start');
  return session;
}

function milliseconds({ user, system }) {
  return (user + system) / 1000;
}
