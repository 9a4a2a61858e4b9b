/** The SDK on Lambda with nothing but the translation of events around it. */

import { createMcpHandler } from "@modelcontextprotocol/server";

import createServer from "./server.ts";

interface Event {
  readonly headers: Record<string, string>;
  readonly rawPath: string;
  readonly requestContext: { readonly http: { readonly method: string } };
  readonly body: string;
}

const served = createMcpHandler(createServer, { maxSubscriptions: 0 });

export function requestOf({ headers, rawPath, requestContext, body }: Event): Request {
  const { method } = requestContext.http;
  return new Request(`https://${headers.host}${rawPath}`, { method, headers, body });
}

/** What the SDK makes of a request. */
export async function answer(request: Request): Promise<Response> {
  return served.fetch(request);
}

export async function handler(event: Event) {
  const response = await answer(requestOf(event));
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}
