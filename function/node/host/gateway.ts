/** API Gateway's events and answers. */

import { isUtf8 } from "node:buffer";

import { isObject, type Members } from "./messages.ts";

/** Most bytes of an answer that Lambda carries: with more, a client gets 502 (Lambda quotas, invocation payload). */
export const LIMIT = 6_291_556;

/** Matches the name of a header (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Matches a character that belongs into no path or header. */
const CONTROL = /[\x00-\x1f\x7f]/;

const HOST = /^[^:]*(:\d{1,5})?$/;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** Matches the media type of a body that travels as text; all others travel as base64. */
const TEXT_TYPE = /^(text\/|application\/(json|javascript|xml|vnd\.api\+json|vnd\.oai\.openapi)\b)/;

/** The event is no request of API Gateway, or holds one that breaks HTTP's rules. */
export class UnreadableEventError extends Error {}

/** A request, as the gateway passed it on. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  /** The query without its question mark. */
  readonly query: string;
  /** Values by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What the gateway says of the request, which no client can write. */
  readonly context: Members;
  readonly event: Members;
}

/** An answer, before it is put into the gateway's form. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer | string;
}

/** A proxy response of either payload format. */
export interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
}

/**
 * The request in a proxy event of payload format 2.0 (HTTP API, function URL) or 1.0 (HTTP API, REST API).
 *
 * @throws {UnreadableEventError} It holds none.
 */
export function parseEvent(event: unknown): Incoming {
  if (!isObject(event) || !isObject(event.requestContext) || !isObject(event.headers)) throw new UnreadableEventError();
  const isNew = event.version === "2.0";
  const http = isNew ? event.requestContext.http : { method: event.httpMethod, path: event.path };
  if (!isObject(http) || typeof http.method !== "string" || typeof http.path !== "string") {
    throw new UnreadableEventError();
  }
  const headers = headersOf(event);
  if (CONTROL.test(http.path) || !http.path.startsWith("/") || !HOST.test(headers.host ?? "")) {
    throw new UnreadableEventError();
  }
  return {
    method: http.method,
    path: http.path,
    query: isNew ? String(event.rawQueryString ?? "") : queryOf(event),
    headers,
    body: bodyOf(event),
    context: event.requestContext,
    event,
  };
}

/** A request of Fetch for an author's code; it ends with a signal. */
export function toRequest(incoming: Incoming, signal: AbortSignal, headers = incoming.headers): Request {
  const hasBody = !["GET", "HEAD"].includes(incoming.method);
  const query = incoming.query ? `?${incoming.query}` : "";
  return new Request(new URL(`https://${incoming.headers.host ?? "localhost"}${incoming.path}${query}`), {
    method: incoming.method,
    headers: { ...headers },
    signal,
    ...(hasBody && incoming.body.length > 0 && { body: new Uint8Array(incoming.body) }),
  });
}

/** The whole answer in a response of Fetch. */
export async function toReply(response: Response): Promise<Reply> {
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body };
}

/** A reply in the form of the event's payload format. */
export function toAnswer(reply: Reply, incoming: Incoming): Answer {
  const isHead = incoming.method === "HEAD";
  const isText = typeof reply.body === "string" || isTextual(reply.headers, reply.body);
  const body = isHead ? "" : reply.body.toString(isText ? "utf8" : "base64");
  const cookies = reply.headers.getSetCookie();
  const headers = Object.fromEntries([...reply.headers].filter(([name]) => name !== "set-cookie"));
  const answer = { statusCode: reply.status, headers, body, isBase64Encoded: !isText && !isHead };
  if (cookies.length === 0) return answer;
  return incoming.event.version === "2.0"
    ? { ...answer, cookies }
    : { ...answer, multiValueHeaders: { "set-cookie": cookies } };
}

/** How many bytes an answer takes as the JSON that the runtime sends; 0 if it is too short to matter. */
export function sizeOf(answer: Answer): number {
  const longestEscape = 6;
  return answer.body.length * longestEscape < LIMIT ? 0 : Buffer.byteLength(JSON.stringify(answer));
}

/** A JSON answer from outside the application, in a form that both payload formats take. */
export function response(statusCode: number, body: string): Answer {
  return { statusCode, headers: { "content-type": "application/json" }, body, isBase64Encoded: false };
}

function headersOf(event: Members): Record<string, string> {
  const found: Record<string, string> = {};
  const several = isObject(event.multiValueHeaders) ? event.multiValueHeaders : {};
  for (const [name, value] of [...Object.entries(event.headers as Members), ...Object.entries(several)]) {
    const text = Array.isArray(value) ? value.join(", ") : String(value);
    if (!TOKEN.test(name) || CONTROL.test(text.replaceAll("\t", " "))) throw new UnreadableEventError();
    found[name.toLowerCase()] = text;
  }
  if (Array.isArray(event.cookies)) found.cookie = event.cookies.join("; ");
  return found;
}

function queryOf(event: Members): string {
  const given = event.multiValueQueryStringParameters ?? event.queryStringParameters;
  const query = new URLSearchParams();
  for (const [name, value] of isObject(given) ? Object.entries(given) : []) {
    for (const each of [value].flat()) query.append(name, String(each));
  }
  return query.toString();
}

function bodyOf(event: Members): Buffer {
  const body = event.body ?? "";
  if (typeof body !== "string" || !body.isWellFormed()) throw new UnreadableEventError();
  if (!event.isBase64Encoded) return Buffer.from(body);
  if (!BASE64.test(body)) throw new UnreadableEventError();
  return Buffer.from(body, "base64");
}

function isTextual(headers: Headers, body: Buffer): boolean {
  if (body.length === 0) return true;
  const isOfText = TEXT_TYPE.test(headers.get("content-type") ?? "application/json");
  return isOfText && !headers.has("content-encoding") && isUtf8(body);
}
