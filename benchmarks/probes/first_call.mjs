/**
 * Starts a function and sends it its first event.
 *
 * Result: `answered`, the time on the machine's monotonic clock, the `answer`, and `peak_kb`, the most memory that was
 * resident; `modules` is empty, as a bundle has none.
 */

import { CONTEXT, end, job, load, memoryKb } from "./runtime.mjs";

const { handler } = await load(job.directory, job.handler);
const answer = await handler(job.event, CONTEXT);
const answered = Number(process.hrtime.bigint()) / 1e9;
end({ answered, answer, modules: [], peak_kb: memoryKb("VmHWM") });
