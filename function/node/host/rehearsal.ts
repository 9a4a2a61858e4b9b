/** Asks a server of the SDK at its start what it has: its names are known then, and its code has run once. */

import { MCP_PATH } from "./contract.ts";
import { StartError } from "./errors.ts";
import { LISTS } from "./http/scopes.ts";
import { isObject, type Members, parseResponse } from "./messages.ts";
import { logDebug, messageOf } from "./own_log.ts";
import type { Hosted } from "./sdk/hosted.ts";
import { MODERN_VERSIONS } from "./telemetry/calls.ts";
import type { Names } from "./telemetry/names.ts";

/** How long one rehearsed request may take, in milliseconds: an author's own list may ask other systems. */
const LONGEST = 500;

const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": MODERN_VERSIONS.at(-1),
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** Have the server answer the first requests of a client; what fails here fails again where a client can be told. */
export async function rehearse(hosted: Hosted, names: Names): Promise<void> {
  for (const method of ["server/discover", ...Object.keys(LISTS)]) {
    try {
      names.learn(method, await ask(hosted, method, AbortSignal.timeout(LONGEST)));
    } catch (error) {
      logDebug(`The rehearsal of ${method} failed: ${messageOf(error)}`);
    }
  }
}

/**
 * Make sure that the server has what the required scopes name: else what they were to guard would be open.
 *
 * @throws {StartError} A name is not the server's.
 */
export async function checkScoped(hosted: Hosted, required: readonly string[]): Promise<void> {
  if (required.length === 0) return;
  if (!hosted.isOfSdk) {
    throw new StartError("required_scopes needs a server of the SDK, and the entrypoint is an object with fetch().");
  }
  const known = new Set<string>();
  for (const [method, [key, kind, identifier]] of Object.entries(LISTS)) {
    const { result } = parseResponse(await ask(hosted, method, AbortSignal.timeout(10 * LONGEST)));
    const items = isObject(result) ? result[key] : [];
    if (Array.isArray(items)) for (const item of items as Members[]) known.add(`${kind}/${String(item[identifier])}`);
  }
  const unknown = required.filter((name) => !known.has(name)).sort();
  if (unknown.length > 0) {
    const names = unknown.join(", ");
    throw new StartError(`required_scopes names what the server '${hosted.name}' does not have: ${names}.`);
  }
}

/** The body of the answer to an anonymous client. */
async function ask(hosted: Hosted, method: string, signal: AbortSignal): Promise<string> {
  const message = { jsonrpc: "2.0", id: 0, method, params: { _meta: ENVELOPE } };
  const headers = {
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": String(MODERN_VERSIONS.at(-1)),
    "mcp-method": method,
  };
  const init = { method: "POST", headers, body: JSON.stringify(message), signal };
  const request = new Request(`https://localhost${MCP_PATH}`, init);
  const answered = hosted.fetch(request, { caller: undefined, parsed: message }).then((response) => response.text());
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
  return Promise.race([answered, late]);
}
