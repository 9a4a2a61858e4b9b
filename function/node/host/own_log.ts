/** The host's own lines in the log, which nothing that the author's code does to `console` can silence. */

import { LOG_LEVELS } from "./contract.ts";

/** Name of the logger in the host's lines. */
export const LOGGER = "mcp_lambda_host";

const write = process.stdout.write.bind(process.stdout);
let lowest = "INFO";

/** Write from now on only lines of a level, one of Lambda's, and of those above it. */
export function setLevel(level: string): void {
  lowest = level;
}

/** Whether a level is at least another one. */
export function isAtLeast(level: string, other: string): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(other);
}

/** Write an object as one line of JSON, in one piece, whatever level the log has; undefined members are left out. */
export function writeLine(members: object): void {
  write(`${JSON.stringify(members)}\n`);
}

export function logError(message: string): void {
  log("ERROR", message);
}

export function logWarning(message: string): void {
  log("WARN", message);
}

export function logDebug(message: string): void {
  log("DEBUG", message);
}

/** The name and the text of what was thrown, in one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/\s+/g, " ").trim();
}

function log(level: string, message: string): void {
  if (isAtLeast(level, lowest)) writeLine({ timestamp: new Date().toISOString(), level, message, logger: LOGGER });
}
