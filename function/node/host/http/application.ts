/** What serves every request: the checks in the order in which a request passes them, then the author's server. */

import { type Incoming, type Reply, toReply, toRequest } from "../gateway.ts";
import type { Caller, Hosted } from "../sdk/hosted.ts";
import { isEndpoint, isObject, type Members, parseJson, requestIdOf } from "../messages.ts";
import { logError, messageOf } from "../own_log.ts";
import type { Settings } from "../settings.ts";
import { acceptingBoth, asPlainJson, errorReply, mapMessages, refusal, wantsPlainJson } from "./answers.ts";
import { challenge } from "./challenge.ts";
import { checkHost } from "./host_check.ts";
import { callerOf, principalOf } from "./identity.ts";
import { ownRoute } from "./routes.ts";
import { LISTS, ScopeGuard } from "./scopes.ts";

/** Bytes of a body that the SDK takes; a larger one is left to it unread, and gets its 413. */
const MOST_BYTES = 4 * 1024 * 1024;

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

export class Application {
  readonly #hosted: Hosted;
  readonly #settings: Settings;
  readonly #guard: ScopeGuard | undefined;

  constructor(hosted: Hosted, settings: Settings) {
    this.#hosted = hosted;
    this.#settings = settings;
    const required = settings.required_scopes;
    this.#guard = Object.keys(required).length > 0 ? new ScopeGuard(required, hosted.matches) : undefined;
  }

  /** The answer to one request; the signal ends what the author's code still does for it. */
  async serve(incoming: Incoming, signal: AbortSignal): Promise<Reply> {
    const refused = checkHost(incoming, this.#settings.origins);
    if (refused) return refused;
    const caller = callerOf(incoming.context, this.#settings.scope_claims);
    if (isEndpoint(incoming.path)) return this.#endpoint(incoming, caller, signal);
    const own = ownRoute(incoming, this.#settings, this.#hosted);
    if (own) return own;
    if (this.#hosted.isOfSdk) return refusal(404, "There is nothing at this path.");
    return toReply(await this.#hosted.fetch(toRequest(incoming, signal), { caller }));
  }

  /**
   * Answer a POST, and other methods with 405.
   *
   * Clients of the handshake era open `GET /mcp` as a stream that would hold the function until its timeout, and take
   * 405 for "no such stream" (specification 2025-11-25, Streamable HTTP, Listening for Messages from the Server).
   */
  async #endpoint(incoming: Incoming, caller: Caller | undefined, signal: AbortSignal): Promise<Reply> {
    if (incoming.method !== "POST") {
      return refusal(405, `${incoming.method} is not served here, only POST.`, { allow: "POST" });
    }
    const isPlain = wantsPlainJson(incoming);
    const request = toRequest(incoming, signal, isPlain ? acceptingBoth(incoming) : incoming.headers);
    const reply = this.#hosted.isOfSdk
      ? await this.#served(incoming, request, caller)
      : await toReply(await this.#hosted.fetch(request, { caller }));
    return isPlain ? asPlainJson(reply) : reply;
  }

  /** The SDK's answer. It gets the message as parsed here, so that no second reading of the body tells otherwise. */
  async #served(incoming: Incoming, request: Request, caller: Caller | undefined): Promise<Reply> {
    const parsed = incoming.body.length > MOST_BYTES ? undefined : parseJson(incoming.body.toString());
    const messages = [parsed].flat().filter(isObject);
    const held = caller?.scopes ?? [];
    for (const message of messages) {
      const needed = this.#guard?.refused(message, held) ?? [];
      if (needed.length > 0) return challenge(incoming, needed, this.#settings);
      // A listen stream ends only with the client, so a function would hold it until its timeout.
      if (message.method === "subscriptions/listen") {
        return errorReply(404, METHOD_NOT_FOUND, "Method not found", requestIdOf(message));
      }
    }
    const principal = principalOf(incoming.context, caller, this.#settings.auth_type === "none");
    const reply = await toReply(await this.#hosted.fetch(request, { caller, parsed, principal }));
    const visible = this.#guard ? await this.#hide(this.#guard, reply, messages, held) : reply;
    return this.#hosted.seals(request) ? this.#seal(visible, principal) : visible;
  }

  async #hide(guard: ScopeGuard, reply: Reply, messages: Members[], held: readonly string[]): Promise<Reply> {
    const asked = messages.filter((message) => Object.hasOwn(LISTS, String(message.method)));
    if (asked.length === 0) return reply;
    const methods = new Map(asked.map((message) => [message.id, String(message.method)]));
    return mapMessages(reply, (message) => {
      const method = methods.get(message.id);
      if (method === undefined || !isObject(message.result)) return message;
      return { ...message, result: guard.visible(method, message.result, held) };
    });
  }

  /** The answer with its request state sealed: as the author's code has made it, a client could change it. */
  async #seal(reply: Reply, principal: string | undefined): Promise<Reply> {
    if (!reply.body.includes('"input_required"')) return reply;
    return mapMessages(reply, async (message) => {
      const result = message.result;
      if (!isObject(result) || result.resultType !== "input_required" || typeof result.requestState !== "string") {
        return message;
      }
      try {
        const requestState = await this.#hosted.seal(result.requestState, principal);
        return { ...message, result: { ...result, requestState } };
      } catch (error) {
        logError(`The request state could not be sealed: ${messageOf(error)}`);
        return { jsonrpc: "2.0", id: message.id, error: { code: INTERNAL_ERROR, message: "Internal error" } };
      }
    });
  }
}
