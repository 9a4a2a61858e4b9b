/** Paths beside the MCP endpoint's: the health check, and the OAuth protected-resource metadata (RFC 9728). */

import { HEALTH_PATH, HOST_VERSION, MCP_PATH, METADATA_PATH } from "../contract.ts";
import type { Incoming, Reply } from "../gateway.ts";
import type { Settings } from "../settings.ts";
import { jsonReply } from "./answers.ts";
import { publicOrigin } from "./host_check.ts";

/** The host's own answer to a request; undefined: it has none. */
export function ownRoute(
  incoming: Incoming,
  settings: Settings,
  server: { name: string; version: string | null },
): Reply | undefined {
  if (!["GET", "HEAD"].includes(incoming.method)) return undefined;
  if (incoming.path === HEALTH_PATH) {
    const { name, version } = server;
    return jsonReply(200, JSON.stringify({ status: "ok", name, version, host: HOST_VERSION }));
  }
  // With the endpoint's path (RFC 9728 section 3.1) and without: clients look at both places.
  const isMetadata = [METADATA_PATH, METADATA_PATH + MCP_PATH].includes(incoming.path);
  return isMetadata && settings.issuer ? metadata(incoming, settings, settings.issuer) : undefined;
}

/** The document by which a client learns where to get a token, with all scopes that it may have to ask for. */
function metadata(incoming: Incoming, settings: Settings, issuer: string): Reply {
  const needed = [...settings.scopes, ...Object.values(settings.required_scopes).flat()];
  const scopes = [...new Set(settings.advertised_scopes.length > 0 ? settings.advertised_scopes : needed)].sort();
  const document = {
    resource: publicOrigin(incoming) + MCP_PATH,
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
  };
  return jsonReply(200, JSON.stringify(document), { "cache-control": "public, max-age=3600" });
}
