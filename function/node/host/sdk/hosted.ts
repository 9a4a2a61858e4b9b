/** Turns what the entrypoint names into one handler that is safe in many short-lived copies. */

import * as sdk from "@modelcontextprotocol/server";

import type { Variables } from "../contract.ts";
import type { Members } from "../messages.ts";
import { logDebug, messageOf } from "../own_log.ts";
import type { Settings } from "../settings.ts";
import { type FetchHandler, type Found, isServer, loadTarget, type SdkServer, serverOf } from "./entrypoint.ts";
import { SharedKeys } from "./request_state.ts";
import { beCourteous, hintCatalogue, identityOf, makeStateless, releaseServer } from "./stateless.ts";
import { type Verify, verifyState } from "./stateless.ts";

/** The caller, in the form of the SDK's `AuthInfo`, which tools get as `ctx.http.authInfo`. */
export interface Caller {
  /** Empty: what was presented has done its duty at the gateway, and is never passed on. */
  token: string;
  clientId: string;
  scopes: string[];
  expiresAt?: number;
  /** `sub`, and all that was verified of the caller. */
  extra: Members;
}

/** Whether a URI is one of a template. */
export type Matches = (template: string, uri: string) => boolean;

/** What goes with a request. */
export interface Given {
  readonly caller: Caller | undefined;
  /** The body's JSON, which the SDK takes in the body's place; undefined: it reads the body. */
  readonly parsed?: unknown;
  /** To whom request state is bound; undefined: nobody is known. */
  readonly principal?: string | undefined;
}

/** The author's server, with what it says of itself. */
export interface Hosted {
  readonly name: string;
  readonly version: string | null;
  /** Whether it is a server of the SDK, and not a handler around one. */
  readonly isOfSdk: boolean;
  readonly matches: Matches;
  fetch(request: Request, given: Given): Promise<Response>;
  /** Whether the request state in the answer to a request is the host's to seal. */
  seals(request: Request): boolean;
  seal(state: string, principal: string | undefined): Promise<string>;
}

/**
 * Make a handler of the author's export.
 *
 * @throws {StartError} It is nothing that can be served.
 */
export async function makeHosted(
  exports: Readonly<Record<string, unknown>>,
  entrypoint: string,
  settings: Settings,
  variables: Variables,
): Promise<Hosted> {
  const found = await loadTarget(exports, entrypoint);
  return "fetch" in found ? hostHandler(found, settings) : hostServer(found, settings, variables);
}

function hostHandler(handler: FetchHandler, settings: Settings): Hosted {
  return {
    name: settings.name,
    version: null,
    isOfSdk: false,
    matches: () => false,
    fetch: async (request, { caller }) => handler.fetch(request, caller ? { authInfo: caller } : {}),
    seals: () => false,
    seal: async (state) => state,
  };
}

async function hostServer(found: Found, settings: Settings, variables: Variables): Promise<Hosted> {
  sdk.preloadSchemas(); // Lambda gives the init phase a full processor, a request its share of one
  const isOpen = settings.auth_type === "none";
  const keys = new SharedKeys(settings.request_state_parameter, variables);
  const principals = new WeakMap<Request, string>();
  const sealed = new WeakSet<Request>();
  const bound = (principal: string | undefined): string => {
    if (principal !== undefined) return `${settings.name}\n${principal}`;
    throw new Error(
      "The authorizer let a caller in without saying who it is, so no state can be bound to it: have it return a " +
        "context with sub",
    );
  };
  const verify: Verify = async (state, ctx) => keys.open(state, bound(ctx.http?.req && principals.get(ctx.http.req)));

  const prepared = async (context: sdk.McpRequestContext): Promise<SdkServer> => {
    const product = await found.make(context);
    if (!isServer(product)) throw new TypeError("The factory returned no server this time.");
    const server = serverOf(product);
    await releaseServer(server);
    makeStateless(server);
    if (context.era === "legacy") {
      beCourteous(server);
      return product;
    }
    hintCatalogue(server, settings.catalogue_seconds, isOpen);
    // In the handshake era the SDK plays all rounds within one request, and no state leaves the server.
    if (verifyState(server, verify) && context.requestInfo) sealed.add(context.requestInfo);
    return product;
  };
  const handler = sdk.createMcpHandler(prepared, {
    maxSubscriptions: 0,
    keepAliveMs: 0, // no stream is open for longer than its request
    onerror: (error) => logDebug(`The SDK reports ${messageOf(error)}`),
  });
  return {
    ...identityOf(found.server),
    isOfSdk: true,
    matches,
    fetch: async (request, { caller, parsed, principal }) => {
      if (principal !== undefined) principals.set(request, principal);
      return handler.fetch(request, {
        ...(caller && { authInfo: caller }),
        ...(parsed !== undefined && { parsedBody: parsed }),
      });
    },
    seals: (request) => sealed.has(request),
    seal: (state, principal) => keys.seal(state, bound(principal)),
  };
}

function matches(template: string, uri: string): boolean {
  try {
    return new sdk.UriTemplate(template).match(uri) !== null;
  } catch {
    return false; // it is no template
  }
}
