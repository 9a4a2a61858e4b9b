/** Answers that are complete before they are sent, as Lambda sends them anyway. */

import type { Incoming, Reply } from "../gateway.ts";
import { isObject, jsonRpcError, parseJson, type Members } from "../messages.ts";

const BOTH = "application/json, text/event-stream";

/** Text in a JSON answer. */
export function jsonReply(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return { status, headers: new Headers({ "content-type": "application/json", ...headers }), body };
}

/** An HTTP error whose body is a JSON-RPC error without an id, as the specification allows for refusals. */
export function refusal(status: number, message: string, headers: Record<string, string> = {}): Reply {
  return jsonReply(status, jsonRpcError(status, message), headers);
}

/** A JSON-RPC error that answers a request. */
export function errorReply(status: number, code: number, message: string, id: string | number | null): Reply {
  return jsonReply(status, jsonRpcError(code, message, id));
}

/** Whether the client accepts JSON but no event stream, which the SDK refuses with 406. */
export function wantsPlainJson(incoming: Incoming): boolean {
  const accepted = (incoming.headers.accept ?? "").split(",").map((type) => type.split(";")[0]?.trim());
  return accepted.includes("application/json") && !accepted.includes("text/event-stream");
}

/** The headers of a client that accepts both. */
export function acceptingBoth(incoming: Incoming): Record<string, string> {
  return { ...incoming.headers, accept: BOTH };
}

/** The result alone, for a client that accepts no stream: its notifications have no place in a JSON answer. */
export function asPlainJson(reply: Reply): Reply {
  const last = isStream(reply) ? eventsOf(reply).at(-1) : undefined;
  return last === undefined ? reply : jsonReply(reply.status, last.slice("data:".length).trim());
}

/** A reply with its JSON-RPC messages changed, those of a batch and of a stream included. */
export async function mapMessages(
  reply: Reply,
  change: (message: Members) => Members | Promise<Members>,
): Promise<Reply> {
  const changed = async (text: string): Promise<string> => {
    const value = parseJson(text);
    if (isObject(value)) return JSON.stringify(await change(value));
    if (!Array.isArray(value)) return text;
    return JSON.stringify(await Promise.all(value.map((one) => (isObject(one) ? change(one) : one))));
  };
  if (!isStream(reply)) {
    return { ...reply, headers: withoutLength(reply.headers), body: await changed(reply.body.toString()) };
  }
  const lines = reply.body
    .toString()
    .split("\n")
    .map(async (line) => (line.startsWith("data:") ? `data: ${await changed(line.slice("data:".length))}` : line));
  return { ...reply, headers: withoutLength(reply.headers), body: (await Promise.all(lines)).join("\n") };
}

function isStream(reply: Reply): boolean {
  return (reply.headers.get("content-type") ?? "").startsWith("text/event-stream");
}

function eventsOf(reply: Reply): string[] {
  return reply.body
    .toString()
    .split("\n")
    .filter((line) => line.startsWith("data:"));
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete("content-length");
  return kept;
}
