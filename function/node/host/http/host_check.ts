/** The host check: which Host and Origin headers a request may carry. */

import type { Incoming, Reply } from "../gateway.ts";
import { refusal } from "./answers.ts";
import { isAllowed, preflightHeaders } from "./cors.ts";

// No request that names a loopback host can come through AWS's gateway, which routes by Host; the local AWS needs them.
// RFC 6761 section 6.3 makes every name under .localhost loopback.
const LOOPBACK = /^((?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1)$/;

/**
 * Refuse a foreign Host with 421 and a foreign Origin with 403, against DNS rebinding; undefined: neither is.
 *
 * Specification 2026-07-28, Streamable HTTP, Security: servers MUST validate Origin and answer 403. With origins
 * allowed every OPTIONS is answered here, as it comes past the authorizer: none may reach the author's application.
 */
export function checkHost(incoming: Incoming, origins: readonly string[]): Reply | undefined {
  const host = hostOf(incoming);
  if (!host || (host !== ownDomain(incoming) && !LOOPBACK.test(host))) {
    return refusal(421, `This server does not answer for the host '${host}'.`);
  }
  const { origin } = incoming.headers;
  if (origin !== undefined && !isAllowed(origin, origins)) {
    return refusal(403, `The origin '${origin}' is not among this server's allowed origins.`);
  }
  if (origins.length > 0 && incoming.method === "OPTIONS") {
    return { status: 204, headers: new Headers(preflightHeaders(incoming)), body: "" };
  }
  return undefined;
}

/**
 * Where the server's paths begin, as every client may be told: not in the spelling of one that may choose it.
 *
 * Behind a REST API without a domain of its own the stage follows the host: there the path of the request context has
 * it (payload format 1.0), and the event's has not.
 */
export function publicOrigin(incoming: Incoming): string {
  const isLoopback = LOOPBACK.test(hostOf(incoming));
  const host = isLoopback ? `http://${incoming.headers.host}` : `https://${ownDomain(incoming)}`;
  const whole = String(incoming.context.path ?? "");
  const path = String(incoming.event.path ?? "");
  return whole.endsWith(path) ? host + whole.slice(0, whole.length - path.length) : host;
}

function hostOf(incoming: Incoming): string {
  return (incoming.headers.host ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
}

/** The name the gateway itself answered on; it writes this into the event, the client cannot. */
function ownDomain(incoming: Incoming): string {
  return String(incoming.context.domainName ?? "").toLowerCase();
}
