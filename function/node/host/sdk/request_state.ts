/**
 * Keys for MCP's `requestState` that all execution environments of one module share.
 *
 * A multi-round call may land on another environment each time, so what one has sealed all must be able to open.
 */

import { randomBytes } from "node:crypto";

import { createRequestStateCodec, type RequestStateCodec, type ServerContext } from "@modelcontextprotocol/server";

import { getValue } from "../aws/values.ts";
import { LOCAL_KEY_VARIABLE, type Variables } from "../contract.ts";

/** Seals by the SDK's codec under the first key of a ring, opens what any key of it has sealed. */
export class SharedKeys {
  readonly #fetch: () => Promise<string[]>;
  #keys: Promise<string[]> | undefined;

  /**
   * @param parameter ARN of a SecureString, or of a secret of Secrets Manager, with a JSON list of keys of at least 32
   *   bytes, or with one such key, as CloudFormation can make it. null: the key in the variable LOCAL_KEY_VARIABLE, or
   *   else one of this process alone.
   * @param variables The process's environment variables, with the credentials to read the parameter with.
   */
  constructor(parameter: string | null, variables: Variables) {
    this.#fetch = parameter
      ? async () => keysIn(await getValue(parameter, variables))
      : async () => [variables[LOCAL_KEY_VARIABLE] || randomBytes(32).toString("base64url")];
  }

  /** Seal a state for one caller. */
  async seal(state: string, principal: string): Promise<string> {
    const [key = ""] = await this.#ring();
    return codec(key, principal).mint(state, NOBODY);
  }

  /** The state that was sealed for a caller; rejects what is forged, expired, or another caller's. */
  async open(sealed: string, principal: string): Promise<string> {
    let refused: unknown;
    for (const key of await this.#ring()) {
      try {
        return await codec(key, principal).verify(sealed, NOBODY);
      } catch (error) {
        refused = error;
      }
    }
    throw refused;
  }

  /** The keys, fetched when they are first needed, and again where that has failed. */
  #ring(): Promise<string[]> {
    this.#keys ??= this.#fetch().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }
}

/** The keys in a value that is a JSON list of them, or one key. */
function keysIn(value: string): string[] {
  return value.startsWith("[") ? (JSON.parse(value) as string[]) : [value];
}

/** The codec passes the context on to `bind` alone, which here needs none. */
const NOBODY = {} as ServerContext;

function codec(key: string, principal: string): RequestStateCodec<string> {
  return createRequestStateCodec<string>({ key, bind: () => principal });
}
