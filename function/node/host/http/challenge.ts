/** The answer to a caller that lacks a scope: which ones it needs, and where to get a token with them. */

import { MCP_PATH, METADATA_PATH } from "../contract.ts";
import type { Incoming, Reply } from "../gateway.ts";
import type { Settings } from "../settings.ts";
import { refusal } from "./answers.ts";
import { publicOrigin } from "./host_check.ts";
import { missingScopes } from "./scopes.ts";

/** The 403 with a challenge (RFC 6750 section 3.1, RFC 9728 section 5.1). */
export function challenge(incoming: Incoming, needed: readonly string[], settings: Settings): Reply {
  const parts = ['error="insufficient_scope"'];
  const asked = advertise(needed, settings.advertised_scopes);
  if (asked.length > 0) parts.push(`scope="${asked.join(" ")}"`);
  if (settings.issuer) parts.push(`resource_metadata="${publicOrigin(incoming)}${METADATA_PATH}${MCP_PATH}"`);
  return refusal(403, missingScopes(needed), { "www-authenticate": `Bearer ${parts.join(", ")}` });
}

/**
 * The scopes that a client has to ask for to get those that are needed, sorted.
 *
 * Entra ID is asked for `api://APP/read` and writes `read` into the token; a role cannot be asked for at all.
 *
 * @param needed As the caller's token has to name them.
 * @param advertised As the authorization server is asked for them; empty: by the same names.
 */
function advertise(needed: readonly string[], advertised: readonly string[]): string[] {
  if (advertised.length === 0) return [...needed].sort();
  return advertised.filter((asked) => needed.some((one) => asked === one || asked.endsWith(`/${one}`))).sort();
}
