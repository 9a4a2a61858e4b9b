/** JSON-RPC messages: read as far as they can be read, and the host's own refusals. */

import { MCP_PATH } from "./contract.ts";

export type Members = Record<string, unknown>;

/** Whether a path is the MCP endpoint's, which the whole host goes by: with or without a slash at its end. */
export function isEndpoint(path: string): boolean {
  return path === MCP_PATH || path === `${MCP_PATH}/`;
}

/**
 * A JSON-RPC 2.0 error response.
 *
 * The host's own codes are the HTTP status that says the same: JSON-RPC reserves -32768 to -32000, all of which MCP's
 * specification of 2026-07-28 has given meanings of its own.
 */
export function jsonRpcError(code: number, message: string, id: string | number | null = null, data?: Members): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, ...(data && { data }) } });
}

export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object in a text; empty where there is none. */
export function parseObject(text: string): Members {
  const value = parseJson(text);
  return isObject(value) ? value : {};
}

/** The JSON value in a text; undefined where there is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON-RPC response in a body; in an event stream it is the last event. */
export function parseResponse(body: string): Members {
  const events = body.split("\n").filter((line) => line.startsWith("data:"));
  return parseObject(events.at(-1)?.slice("data:".length) ?? body);
}

/** The id of a JSON-RPC request; null where there is none to answer to. */
export function requestIdOf(message: unknown): string | number | null {
  const id = isObject(message) ? message.id : null;
  return typeof id === "string" || Number.isInteger(id) ? (id as string | number) : null;
}
