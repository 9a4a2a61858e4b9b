/** Who calls, as the gateway has verified it. */

import { isObject, parseObject, type Members } from "../messages.ts";
import type { Caller } from "../sdk/hosted.ts";

/** What differs between two tokens, or two decisions, for one caller (RFC 7519 section 4.1; REST's own measurement). */
const VOLATILE: ReadonlySet<string> = new Set(["exp", "iat", "nbf", "jti", "auth_time", "integrationLatency"]);

/**
 * The caller in a request context of payload format 2.0 or 1.0; undefined: anonymous.
 *
 * Headers, query and body are the client's and say nothing about who it is (API Gateway Developer Guide: Working with
 * AWS Lambda proxy integrations for HTTP APIs; Input format of a Lambda function for proxy integration).
 *
 * @param context What the gateway says of the request.
 * @param scopeClaims Claims of a JWT whose values count as scopes beside those of `scope` or `scp`.
 */
export function callerOf(context: Members, scopeClaims: readonly string[] = []): Caller | undefined {
  const authorizer = objectOf(context.authorizer);
  const { userArn: role } = objectOf(authorizer.iam ?? context.identity);
  const { claims } = objectOf(authorizer.jwt ?? authorizer);
  // Text, of the module's own authorizer: behind a REST API a context has nothing else.
  const verified = typeof claims === "string" ? parseObject(claims) : objectOf(claims);
  if (Object.keys(verified).length > 0) return parseClaims(verified, scopeClaims);
  if (role) return { token: "", clientId: String(role), scopes: [], extra: { sub: String(role) } };
  return parseClaims(objectOf(authorizer.lambda ?? authorizer));
}

/**
 * To whom request state is bound: to the subject, or else to all that was verified; undefined: nothing was.
 *
 * An authorizer may name the client alone, which many people use, or nobody at all, and tell callers apart by another
 * member of its context. None of them may open the state of another.
 *
 * @param isOpen Whether the gateway lets everybody in: then there is no caller to bind state to.
 */
export function principalOf(context: Members, caller: Caller | undefined, isOpen: boolean): string | undefined {
  if (isOpen) return caller?.clientId ?? "";
  if (caller?.extra.sub) return JSON.stringify([caller.clientId, String(caller.extra.sub)]);
  const authorizer = objectOf(context.authorizer);
  const jwt = objectOf(authorizer.jwt ?? authorizer);
  const verified = objectOf(jwt.claims ?? authorizer.lambda ?? authorizer);
  const lasting = Object.entries(verified).filter(([name, value]) => value !== null && !VOLATILE.has(name));
  return lasting.length > 0 ? JSON.stringify([caller?.clientId ?? null, lasting.sort()]) : undefined;
}

/**
 * The caller for a JWT's claims, or for the context that a Lambda authorizer answered with, which names them alike.
 *
 * The client is `client_id` (RFC 8693 section 4.3), or what providers call it: `azp`, `cid`, REST's `principalId`.
 */
function parseClaims(claims: Members, scopeClaims: readonly string[] = []): Caller | undefined {
  const subject = claims.sub;
  const client = claims.client_id || claims.azp || claims.cid || claims.principalId || subject;
  if (!client) return undefined;
  const granted = [claims.scope || claims.scp, ...scopeClaims.map((name) => claims[name])];
  const expires = String(claims.exp ?? "");
  return {
    token: "",
    clientId: String(client),
    scopes: granted.filter(Boolean).flatMap(parseScopes),
    ...(/^\d+$/.test(expires) && { expiresAt: Number(expires) }),
    extra: { ...claims },
  };
}

/** The scopes in `a b` (RFC 6749 section 3.3), in a list, or in `[a b]`, as format 2.0 writes a list. */
function parseScopes(claim: unknown): string[] {
  const text = Array.isArray(claim) ? claim.join(" ") : String(claim);
  return text
    .replace(/^[[\] ]+|[[\] ]+$/g, "")
    .split(/\s+/)
    .filter(Boolean);
}

function objectOf(value: unknown): Members {
  return isObject(value) ? value : {};
}
