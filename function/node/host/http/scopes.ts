/** Scopes that a caller needs for one tool, prompt or resource. */

import { isObject, type Members } from "../messages.ts";
import type { Matches } from "../sdk/hosted.ts";

/** Methods that list: the result's key, the kind as in `required_scopes`, and what identifies an item. */
export const LISTS: Readonly<Record<string, readonly [string, string, string]>> = {
  "tools/list": ["tools", "tools", "name"],
  "prompts/list": ["prompts", "prompts", "name"],
  "resources/list": ["resources", "resources", "uri"],
  "resources/templates/list": ["resourceTemplates", "resources", "uriTemplate"],
};

/** Methods that use something: its kind as in `required_scopes`, and the parameter that identifies it. */
const USES: Readonly<Record<string, readonly [string, string]>> = {
  "tools/call": ["tools", "name"],
  "prompts/get": ["prompts", "name"],
  "resources/read": ["resources", "uri"],
};

/** Refuses what a caller may not use, and hides it from lists. It reads the very message that the SDK gets. */
export class ScopeGuard {
  readonly #required: Readonly<Record<string, readonly string[]>>;
  readonly #matches: Matches;

  /**
   * @param required Scopes by what needs them: `tools/<name>`, `prompts/<name>`, `resources/<URI or template>`.
   * @param matches The SDK's own comparison.
   */
  constructor(required: Readonly<Record<string, readonly string[]>>, matches: Matches) {
    this.#required = required;
    this.#matches = matches;
  }

  /** The scopes that a message needs and the caller has not, with all others that it needs; empty: it may pass. */
  refused(message: Members, held: readonly string[]): string[] {
    const needed = this.#needed(String(message.method), objectOf(message.params));
    return needed.every((scope) => held.includes(scope)) ? [] : needed;
  }

  /** The result of a list without what the caller may not use; another caller has another list. */
  visible(method: string, result: Members, held: readonly string[]): Members {
    const [key, kind, identifier] = LISTS[method] ?? ["", "", ""];
    const items = result[key];
    if (!Array.isArray(items)) return result;
    const shown = items.filter((item) =>
      this.#neededFor(kind, String(item[identifier])).every((scope) => held.includes(scope)),
    );
    return { ...result, [key]: shown, ...("cacheScope" in result && { cacheScope: "private" }) };
  }

  #needed(method: string, params: Members): string[] {
    if (method === "completion/complete") {
      // Suggests values for a prompt or for a template, or claims to be both.
      const ref = objectOf(params.ref);
      return [...new Set([...this.#needed("prompts/get", ref), ...this.#needed("resources/read", ref)])];
    }
    const use = Object.hasOwn(USES, method) ? USES[method] : undefined;
    return use ? this.#neededFor(use[0], String(params[use[1]])) : [];
  }

  #neededFor(kind: string, identifier: string): string[] {
    if (kind !== "resources") {
      const name = `${kind}/${identifier}`;
      return Object.hasOwn(this.#required, name) ? [...(this.#required[name] ?? [])] : [];
    }
    const normal = normalUri(identifier);
    const found = Object.entries(this.#required).filter(([key]) => {
      if (!key.startsWith("resources/")) return false;
      const template = key.slice("resources/".length);
      const spellings = [template, normalUri(template)];
      return [identifier, normal].some((uri) => spellings.includes(uri) || this.#matches(template, uri));
    });
    return [...new Set(found.flatMap(([, scopes]) => scopes))];
  }
}

/** The sentence that a caller without these scopes is told. */
export function missingScopes(needed: readonly string[]): string {
  return `This needs the scopes ${[...needed].sort().join(", ")}, not all of which the caller has.`;
}

/** A URI as the SDK looks it up, which another spelling must not get past the guard. */
function normalUri(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).toString() : uri;
}

function objectOf(value: unknown): Members {
  return isObject(value) ? value : {};
}
