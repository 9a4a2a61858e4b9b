/** Makes a server of the SDK answer as one of many short-lived copies that remember nothing. */

import { ProtocolError, type Server } from "@modelcontextprotocol/server";

const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;

/** Methods that a client asks for first; their answers change only with a deployment. */
const CATALOGUE = ["server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list"];

/** Methods of the handshake era that set up what a session would remember. */
const COURTESIES: ReadonlySet<string> = new Set(["resources/subscribe", "resources/unsubscribe"]);

/** What the SDK keeps to itself and has no public way to change once a server is made. */
interface Insides {
  _cacheHints?: Record<string, object>;
  _requestStateVerify?: (state: string, ctx: Parameters<Verify>[1]) => unknown;
  _negotiatedProtocolVersion?: string | undefined;
  _serverInfo: { name: string; version?: string };
}

/** Opens the request state of a request. */
export type Verify = (state: string, ctx: { http?: { req?: Request } }) => Promise<string>;

export interface Statelessness {
  /** How long a client may go by the lists it has; each one not asked for saves an invocation. */
  readonly catalogueSeconds: number;
  /** Whether everybody may call. Else an author's list may depend on the caller, and a shared cache would give one
   * caller's to the next. */
  readonly isOpen: boolean;
}

/** Change a server of the author's that is not connected yet. */
export function makeStateless(server: Server, { catalogueSeconds, isOpen }: Statelessness): void {
  const { tools, prompts, resources } = server.getCapabilities();
  server.registerCapabilities({
    // Nobody is told of a change: the next environment would not know who has asked.
    ...(tools && { tools: { listChanged: false } }),
    ...(prompts && { prompts: { listChanged: false } }),
    ...(resources && { resources: { listChanged: false, ...(resources.subscribe && { subscribe: false }) } }),
    // Servers that send log messages MUST say so (specification, Logging).
    logging: {},
  });
  const insides = insidesOf(server);
  const hint = { ttlMs: catalogueSeconds * 1000, cacheScope: isOpen ? "public" : "private" };
  insides._cacheHints = { ...Object.fromEntries(CATALOGUE.map((method) => [method, hint])), ...insides._cacheHints };
}

/**
 * Accept a set-up request of the handshake era that no environment will remember, unless the author's server does.
 *
 * Clients send them unasked, and take an error for a broken server.
 */
export function beCourteous(server: Server): void {
  server.fallbackRequestHandler ??= async (request) => {
    if (!COURTESIES.has(request.method)) throw new ProtocolError(METHOD_NOT_FOUND, "Method not found");
    if (typeof request.params?.uri !== "string") throw new ProtocolError(INVALID_PARAMS, "uri must be a string");
    return {};
  };
}

/** Have request state verified, if the author has no verification of an own; whether it is. */
export function verifyState(server: Server, verify: Verify): boolean {
  const insides = insidesOf(server);
  if (insides._requestStateVerify !== undefined && insides._requestStateVerify !== verify) return false;
  insides._requestStateVerify = verify;
  return true;
}

/** Let a server that has answered a request answer one of any era. */
export async function releaseServer(server: Server): Promise<void> {
  if (server.transport) await server.close(); // of a request that is given up
  insidesOf(server)._negotiatedProtocolVersion = undefined;
}

/** What a server says of itself. */
export function identityOf(server: Server): { name: string; version: string | null } {
  const { name, version } = insidesOf(server)._serverInfo;
  return { name, version: version || null };
}

function insidesOf(server: Server): Insides {
  return server as unknown as Insides;
}
