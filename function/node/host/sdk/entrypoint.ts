/** Finds the author's server behind an export. */

import { McpServer, type McpRequestContext, Server } from "@modelcontextprotocol/server";

import { StartError } from "../errors.ts";
import { messageOf } from "../own_log.ts";

export type SdkServer = McpServer | Server;

/** What web frameworks and the SDK's own `createMcpHandler` make; the second argument is a framework's `env`. */
export interface FetchHandler {
  fetch(request: Request, options: object): Response | Promise<Response>;
}

/** A server of the SDK: how to make it for a request, and one that was made. */
export interface Found {
  readonly make: (context: McpRequestContext) => unknown;
  readonly server: Server;
}

/**
 * The server that the author exports: itself, made by a factory, or a Fetch handler.
 *
 * @param exports Of the author's module.
 * @param entrypoint Where it is, as `module:export`.
 * @throws {StartError} It is none of these, or its factory fails; one line.
 */
export async function loadTarget(
  exports: Readonly<Record<string, unknown>>,
  entrypoint: string,
): Promise<FetchHandler | Found> {
  const place = entrypoint.lastIndexOf(":");
  const [module, name] = [entrypoint.slice(0, place), entrypoint.slice(place + 1)];
  if (!(name in exports)) {
    const names = Object.keys(exports).join(", ") || "nothing";
    throw new StartError(`The entrypoint '${entrypoint}' could not be loaded: ${module} exports ${names}.`);
  }
  const target: unknown = await exports[name];
  if (isServer(target)) return { make: () => target, server: serverOf(target) };
  if (isFetchHandler(target)) return target;
  if (!isFactory(target)) throw new StartError(refusalOf(entrypoint, target));
  const made = await callFactory(entrypoint, target);
  if (isFetchHandler(made)) return made;
  if (!isServer(made)) throw new StartError(refusalOf(entrypoint, made));
  return { make: target, server: serverOf(made) };
}

export function isServer(value: unknown): value is SdkServer {
  return value instanceof McpServer || value instanceof Server;
}

/** The low-level server in a server. */
export function serverOf(server: SdkServer): Server {
  return server instanceof McpServer ? server.server : server;
}

function isFetchHandler(value: unknown): value is FetchHandler {
  return typeof value === "object" && value !== null && "fetch" in value && typeof value.fetch === "function";
}

/** Whether it is a function that can be called with the SDK's context alone, and no class. */
function isFactory(value: unknown): value is (context: McpRequestContext) => unknown {
  return typeof value === "function" && value.length < 2 && !isClass(value);
}

function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

async function callFactory(entrypoint: string, factory: (context: McpRequestContext) => unknown): Promise<unknown> {
  try {
    return await factory({ era: "modern" });
  } catch (error) {
    throw new StartError(`The entrypoint '${entrypoint}' could not be called: ${messageOf(error)}`);
  }
}

/** Why what the entrypoint names or returned is no server, and what to write instead. */
function refusalOf(entrypoint: string, target: unknown): string {
  if (typeof target === "function" && target.length > 1 && !isClass(target)) {
    const needs = `needs ${target.length} arguments, which nobody gives it`;
    return `The entrypoint '${entrypoint}' ${needs}: export a function without arguments that calls it.`;
  }
  const kind = typeof target === "object" ? (target?.constructor.name ?? "null") : typeof target;
  const right = "an McpServer of @modelcontextprotocol/server 2, a function that makes one, or an object with fetch()";
  return `The entrypoint '${entrypoint}' is of type ${kind}; it must be ${right}.`;
}
