/**
 * The function's entry: `mcp_lambda_host/handler.handler`. Only this module reads the process's environment variables.
 *
 * Others get them as `variables`: what Lambda itself tells is there, and the author's secrets go there.
 */

import { readFileSync } from "node:fs";

import { SETTINGS_VARIABLE, type Variables } from "./contract.ts";
import { Environment, INIT_SECONDS, LONG_INIT_SECONDS } from "./environment.ts";
import { StartError } from "./errors.ts";
import type { Answer } from "./gateway.ts";
import { messageOf, setLevel } from "./own_log.ts";
import type { Hosted, makeHosted } from "./sdk/hosted.ts";
import { NOTHING_KNOWN, parseSettings, type Settings } from "./settings.ts";
import type { Context } from "./telemetry/observer.ts";

/** What the builder has written down of the author's part of the zip. */
interface Author {
  /** Where the server is, as `module:export`. */
  readonly entrypoint: string;
  /** File with the author's code and the SDK, beside this folder. */
  readonly bundle: string;
}

/** What that file exports. */
interface Bundle {
  readonly author: Readonly<Record<string, unknown>>;
  readonly makeHosted: typeof makeHosted;
}

const author = JSON.parse(readFileSync(new URL("author.json", import.meta.url), "utf8")) as Author;
let attempts = 0;

/** Start the author's server: anew each time, as a module that has failed is not run again by its name. */
async function load(settings: Settings, variables: Variables): Promise<Hosted> {
  const { entrypoint, bundle } = author;
  if (settings.entrypoint !== null && settings.entrypoint !== entrypoint) {
    throw new StartError(
      `entrypoint is '${settings.entrypoint}', but the package was built for '${entrypoint}': build it again.`,
    );
  }
  const again = attempts === 0 ? "" : `?${attempts}`;
  attempts += 1;
  let loaded: Bundle;
  try {
    loaded = (await import(new URL(`../${bundle}${again}`, import.meta.url).href)) as Bundle;
  } catch (error) {
    throw new StartError(`The entrypoint '${entrypoint}' could not be loaded: ${placeOf(error)}${messageOf(error)}`);
  }
  return loaded.makeHosted(loaded.author, entrypoint, settings, variables);
}

/** The line that has thrown an error, as `file.ts line 3: `; "" without a source map. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const found = /\bat (?:.*\()?(?:file:\/\/)?([^()\n]+?):(\d+):\d+\)?$/m.exec(stack);
  const isBundle = !found?.[1] || found[1].includes(bundleName(author.bundle)) || found[1].startsWith("node:");
  return isBundle ? "" : `${found[1]} line ${found[2]}: `;
}

function bundleName(bundle: string): string {
  return bundle.slice(bundle.lastIndexOf("/") + 1);
}

function readSettings(text: string): [Settings, string | undefined] {
  try {
    return [parseSettings(text), undefined];
  } catch (error) {
    if (error instanceof StartError) return [NOTHING_KNOWN, error.message];
    throw error;
  }
}

const [settings, refusal] = readSettings(process.env[SETTINGS_VARIABLE] ?? "");
setLevel(settings.log_level);
export const environment = new Environment(settings, process.env, load, refusal);
const isAwaited = process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "provisioned-concurrency";
try {
  await environment.open((isAwaited ? LONG_INIT_SECONDS : INIT_SECONDS) - process.uptime());
} catch (error) {
  // Logged; on demand requests are answered with 500 until the server can be started. AWS prepares a provisioned
  // environment before it takes requests, and keeps none that has failed.
  if (isAwaited) throw error;
}

if (!isAwaited) environment.noteInit(process.uptime());

/** Answer an event of API Gateway. */
export async function handler(event: unknown, context: Context): Promise<Answer> {
  return environment.answer(event, context);
}
