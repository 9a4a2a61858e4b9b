/**
 * Headers by which a browser hands an answer to a web page (Fetch standard, "CORS protocol").
 *
 * An HTTP API puts its own in their place, a REST API adds none.
 */

import type { Answer, Incoming } from "../gateway.ts";

const METHODS = "DELETE, GET, OPTIONS, POST";

/** Headers that a page may read; a REST API gives a function's www-authenticate the last of these names. */
const READABLE = "mcp-protocol-version, mcp-session-id, www-authenticate, x-amzn-remapped-www-authenticate";

/** How long a browser may keep the answer to a preflight. */
const SECONDS = "3600";

/** Whether pages of an origin may call. */
export function isAllowed(origin: string, origins: readonly string[]): boolean {
  return origins.includes(origin) || origins.includes("*");
}

/** What a page of an allowed origin may send: whatever it asks for, since it may call and the caller is checked. */
export function preflightHeaders(incoming: Incoming): Record<string, string> {
  const asked = incoming.headers["access-control-request-headers"];
  const found = { "access-control-allow-methods": METHODS, "access-control-max-age": SECONDS };
  return asked ? { ...found, "access-control-allow-headers": asked } : found;
}

/** Add the headers to those of an answer, unless the author's application has added its own. */
export function nameOrigin(answer: Answer, incoming: Incoming, origins: readonly string[]): void {
  const { origin } = incoming.headers;
  const headers = answer.headers;
  if (origin === undefined || !isAllowed(origin, origins) || "access-control-allow-origin" in headers) return;
  headers["access-control-allow-origin"] = origin;
  headers["access-control-expose-headers"] = READABLE;
  headers.vary = headers.vary ? `${headers.vary}, Origin` : "Origin";
}
