/**
 * Sends events to a warm function, in turns with the SDK's own handler, called with a Request.
 *
 * Job and result are those of warm.py; `alone` is a directory with alone.mjs in addition.
 */

import { CONTEXT, end, job, load } from "./runtime.mjs";

const { handler } = await load(job.directory, job.handler);
const { answer, requestOf } = await load(job.alone, "alone.mjs");

async function callFunction(event) {
  const answered = await handler(event, CONTEXT);
  return [answered.statusCode, answered.body];
}

async function callSdk(event) {
  const response = await answer(requestOf(event));
  return [response.status, await response.text()];
}

/** The milliseconds of some calls and those of the processor; refuses to measure how fast an error is. */
async function turn(call, event) {
  const before = process.cpuUsage();
  const ms = [];
  for (let count = 0; count < job.calls; count += 1) {
    const begun = performance.now();
    const [status, body] = await call(event);
    ms.push(performance.now() - begun);
    if (status !== 200 || !body.includes('"result"') || body.includes('"isError":true')) {
      throw new Error(`${status}: ${body.slice(0, 500)}`);
    }
  }
  const { user, system } = process.cpuUsage(before);
  return { ms, cpu_ms: (user + system) / 1000 };
}

const turns = Object.fromEntries(Object.keys(job.events).map((name) => [name, []]));
for (let count = 0; count <= job.turns; count += 1) {
  for (const [name, event] of Object.entries(job.events)) {
    turns[name].push([await turn(callFunction, event), await turn(callSdk, event)]);
  }
}
end(Object.fromEntries(Object.entries(turns).map(([name, both]) => [name, both.slice(1)]))); // the first warms up
