/** What an MCP request asks for and what came of it, read from what went over the wire, whatever server answers. */

import type { Answer, Incoming } from "../gateway.ts";
import { isObject, type Members, parseObject, parseResponse } from "../messages.ts";

/** The era of all protocol versions that begin with `initialize`. */
export const HANDSHAKE = "handshake";

/** Versions of the newer protocol that the SDK serves. */
export const MODERN_VERSIONS: readonly string[] = ["2026-07-28"];

/** An answer without any of these need not be parsed, however large it is: quotes inside a text are escaped. */
const SIGNS_OF_FAILURE = ['"error"', '"isError":true', '"isError": true'];

/** ok, tool_error (the tool says so), error (JSON-RPC or HTTP), deadline, oversize, start_failed, or without_id (a
 * request that no server answers or obeys). */
export type Outcome = "ok" | "tool_error" | "error" | "deadline" | "oversize" | "start_failed" | "without_id";

/** One message of a client, and what came of it. */
export class Call {
  /** As the client spelt it; undefined: the body is no JSON-RPC message. */
  readonly method: string | undefined;
  /** `handshake`, or the version of the newer protocol. */
  readonly era: string | undefined;
  /** The message's own, without `_meta`. */
  readonly params: Members;
  outcome: Outcome;
  /** Code of the JSON-RPC error, or the HTTP status. */
  errorCode: number | undefined;
  /** Whether the SDK took the request state for forged, foreign or expired. */
  stateRefused = false;
  response: Answer | undefined;
  /** Whether an execution environment was started for it. */
  cold = false;
  /** When it came, in milliseconds since 1970. */
  begun = Date.now();
  milliseconds = 0;

  constructor(method?: string, era?: string, params: Members = {}, outcome: Outcome = "ok") {
    this.method = method;
    this.era = era;
    this.params = params;
    this.outcome = outcome;
  }

  /** When it was answered, in milliseconds since 1970. */
  get ended(): number {
    return this.begun + this.milliseconds;
  }

  /** The name in a `tools/call`. */
  get tool(): string | undefined {
    return this.method === "tools/call" ? this.param("name") : undefined;
  }

  /** The body of the answer. */
  get answer(): string {
    return this.response?.body ?? "";
  }

  /** A parameter, if it is a string. */
  param(key: string): string | undefined {
    const value = this.params[key];
    return typeof value === "string" ? value : undefined;
  }

  /** Take from the response what came of the request. */
  judge(): void {
    if (!this.response) return;
    const status = this.response.statusCode;
    if (status < 400 && !SIGNS_OF_FAILURE.some((sign) => this.answer.includes(sign))) return;
    const { error, result } = parseResponse(this.answer);
    if (isObject(error)) {
      this.fail("error", Number.isInteger(error.code) ? Number(error.code) : status);
      this.stateRefused = isObject(error.data) && error.data.reason === "invalid_request_state";
    } else if (isObject(result) && result.isError === true) {
      this.fail("tool_error");
    } else if (status >= 400) {
      this.fail("error", status);
    }
  }

  /** Note a failure; the first one is the cause of the others. */
  fail(outcome: Outcome, code?: number): void {
    if (this.outcome === "ok") this.outcome = outcome;
    this.errorCode = code;
  }
}

/** The call in a request for the MCP endpoint. */
export function readCall(incoming: Incoming): Call {
  const message = parseObject(incoming.body.toString());
  const { method } = message;
  if (typeof method !== "string") return new Call(); // a batch, a client's response, or nothing that could be read
  const { _meta: meta, ...params } = isObject(message.params) ? message.params : {};
  const stated = isObject(meta) ? meta["io.modelcontextprotocol/protocolVersion"] : undefined;
  const version = String(stated || incoming.headers["mcp-protocol-version"]);
  const era = MODERN_VERSIONS.includes(version) ? version : HANDSHAKE;
  const isIgnored = !("id" in message) && !method.startsWith("notifications/"); // servers take it for a notification
  return isIgnored ? new Call(method, era, {}, "without_id") : new Call(method, era, params);
}
