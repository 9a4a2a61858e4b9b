/** Makes a server of the SDK answer as one of many short-lived copies that remember nothing. */

import { ProtocolError, type Server } from "@modelcontextprotocol/server";

const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;

/** Methods that list; with server/discover those that a client asks for first. */
const LISTS = ["tools/list", "prompts/list", "resources/list", "resources/templates/list"];

/** Methods of the handshake era that set up what a session would remember. */
const COURTESIES: ReadonlySet<string> = new Set(["resources/subscribe", "resources/unsubscribe"]);

/** What the SDK keeps to itself and has no public way to change once a server is made. */
interface Insides {
  _cacheHints?: Readonly<Record<string, object>>;
  _requestHandlers: Map<string, (request: unknown, ctx: unknown) => Promise<object>>;
  _requestStateVerify?: (state: string, ctx: Parameters<Verify>[1]) => unknown;
  _negotiatedProtocolVersion?: string | undefined;
  _serverInfo: { name: string; version?: string };
}

/** Opens the request state of a request. */
export type Verify = (state: string, ctx: { http?: { req?: Request } }) => Promise<string>;

/** Have a server that is not connected yet advertise nothing that only a session could keep. */
export function makeStateless(server: Server): void {
  const { tools, prompts, resources } = server.getCapabilities();
  server.registerCapabilities({
    // Nobody is told of a change: the next environment would not know who has asked.
    ...(tools && { tools: { listChanged: false } }),
    ...(prompts && { prompts: { listChanged: false } }),
    ...(resources && { resources: { listChanged: false, ...(resources.subscribe && { subscribe: false }) } }),
    // Servers that send log messages MUST say so (specification, Logging).
    logging: {},
  });
}

/**
 * Have the answers to what a client asks for first say how long they hold, unless the author's server says so itself.
 *
 * The SDK takes such hints from a server's options alone and looks at them when a handler is set, so the host wraps
 * those that are set.
 *
 * @param seconds How long a client may go by the lists it has; each one not asked for saves an invocation.
 * @param isOpen Whether everybody may call. Else an author's list may depend on the caller, and a shared cache would
 *   give one caller's to the next.
 */
export function hintCatalogue(server: Server, seconds: number, isOpen: boolean): void {
  const insides = insidesOf(server);
  const { _cacheHints: own, _requestHandlers: handlers } = insides;
  const hint = { ttlMs: seconds * 1000, cacheScope: isOpen ? "public" : "private" };
  insides._cacheHints = { "server/discover": hint, ...own }; // the SDK sets that handler anew for each request
  for (const method of LISTS) {
    const handle = handlers.get(method);
    if (!handle || own?.[method] || hinted.has(handle)) continue;
    const withHint: typeof handle = async (request, ctx) => ({ ...hint, ...(await handle(request, ctx)) });
    hinted.add(withHint);
    handlers.set(method, withHint);
  }
}

/** Handlers that are wrapped already: an author's one server for all requests comes here with each. */
const hinted = new WeakSet<object>();

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
