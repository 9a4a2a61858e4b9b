/**
 * One X-Ray subsegment for each call of a tool, beneath the segment that Lambda itself makes of the invocation.
 *
 * It is sent as one datagram to the daemon that Lambda runs (X-Ray Developer Guide, "Sending trace data to AWS X-Ray"
 * and "AWS X-Ray segment documents").
 */

import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";

import type { Call } from "./calls.ts";

const HEADER = '{"format": "json", "version": 1}\n';
const NOT_IN_NAMES = /[^\p{L}\p{N}_\s.:/%&#=+\\\-@]/gu;

/**
 * Send the subsegment of a call, if its request is among those that X-Ray samples. Nobody is told that the daemon is
 * away: no request is worth less than its trace.
 *
 * @param name Name of the subsegment.
 * @param daemon Address of the daemon, as host:port.
 * @param trace The fields of the tracing header: Root, Parent, Sampled.
 */
export function sendSubsegment(
  call: Call,
  name: string,
  daemon: string,
  trace: Readonly<Record<string, string>>,
): Promise<void> {
  if (trace.Sampled !== "1") return Promise.resolve();
  const subsegment = {
    type: "subsegment",
    trace_id: trace.Root,
    parent_id: trace.Parent,
    id: randomBytes(8).toString("hex"),
    name: name.replace(NOT_IN_NAMES, "_").slice(0, 200),
    start_time: call.begun / 1000,
    end_time: call.ended / 1000,
    error: ["tool_error", "error"].includes(call.outcome),
    fault: ["deadline", "oversize", "start_failed"].includes(call.outcome),
    annotations: { outcome: call.outcome, era: call.era },
  };
  const place = daemon.lastIndexOf(":");
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const end = (): void => {
      socket.close();
      resolve();
    };
    socket.on("error", end);
    // Awaited, since Lambda freezes the process after the answer; a datagram is on its way at once.
    socket.send(HEADER + JSON.stringify(subsegment), Number(daemon.slice(place + 1)), daemon.slice(0, place), end);
  });
}
