/** Names of what the author's server has. Clients invent names, and no metric or line may be made of those. */

import { LISTS } from "../http/scopes.ts";
import { isObject, type Members, parseResponse } from "../messages.ts";
import type { Matches } from "../sdk/hosted.ts";

/** At most this many tools get metrics of their own; CloudWatch bills each by the month. */
const MOST_TOOLS = 100;

/** At most this many names are kept of each kind: an application may list others to each caller. */
const MOST_NAMES = 10_000;

/** Stands in a line for a name that a client has invented. */
export const UNKNOWN = "(unknown)";

const PRINTABLE = /^[\x20-\x7e]*$/;

/** Names that the server has listed, at its start or to a client: only there it says what it has. */
export class Names {
  readonly #matches: Matches;
  readonly #listed = new Map<string, Map<string, number>>(); // by method, the place of each name in the list

  /** @param matches Whether a URI is one of a template. */
  constructor(matches: Matches) {
    this.#matches = matches;
  }

  /** Note what the body of an answer to a method lists; what is no list is passed over. */
  learn(method: string, body: string): void {
    const list = Object.hasOwn(LISTS, method) ? LISTS[method] : undefined;
    const { result } = list ? parseResponse(body) : {};
    const items = list && isObject(result) ? result[list[0]] : undefined;
    if (!list || !Array.isArray(items)) return;
    const known = this.#of(method);
    for (const item of items as Members[]) {
      const name = isObject(item) ? item[list[2]] : undefined;
      if (typeof name === "string" && !known.has(name) && known.size < MOST_NAMES) known.set(name, known.size);
    }
  }

  /** Whether it is one of the first hundred tools, and can be a dimension (CloudWatch: printable ASCII). */
  hasMetrics(tool: string | undefined): boolean {
    if (tool === undefined || !PRINTABLE.test(tool)) return false;
    return (this.#of("tools/list").get(tool) ?? MOST_TOOLS) < MOST_TOOLS;
  }

  /** The name of a tool, as a line has it. */
  tool(name: string | undefined): string | undefined {
    return name === undefined || this.#of("tools/list").has(name) ? name : UNKNOWN;
  }

  /** The name of a prompt, as a line has it. */
  prompt(name: string | undefined): string | undefined {
    return name === undefined || this.#of("prompts/list").has(name) ? name : UNKNOWN;
  }

  /** The URI of a resource, or the template behind it: its URI holds the arguments, and those are not logged. */
  resource(uri: string | undefined): string | undefined {
    if (uri === undefined || this.#of("resources/list").has(uri)) return uri;
    return [...this.#of("resources/templates/list").keys()].find((template) => this.#matches(template, uri));
  }

  #of(method: string): Map<string, number> {
    const known = this.#listed.get(method) ?? new Map<string, number>();
    this.#listed.set(method, known);
    return known;
  }
}
