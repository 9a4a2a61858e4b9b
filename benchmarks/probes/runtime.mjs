/**
 * A function as Lambda runs it, for the other files here; each is run with its job as JSON, as those in Python are.
 */

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

export const job = JSON.parse(process.argv[2]);

export const CONTEXT = {
  awsRequestId: "4f0c1d5e-7d0a-4c62-9a3c-6f6a5f0c9b11",
  functionName: "benchmark",
  functionVersion: "1",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:benchmark:live",
  memoryLimitInMB: "1024",
  getRemainingTimeInMillis: () => 29_000,
};

/** The module of a file in a directory. */
export function load(directory, file) {
  return import(pathToFileURL(path.join(directory, file)).href);
}

/** A field of this process's status in kB, such as VmHWM, the most memory that was ever resident. */
export function memoryKb(field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"))[1]);
}

/** Write the result and end without waiting for anything, as Lambda does. */
export function end(result) {
  writeFileSync(job.result, JSON.stringify(result));
  process.exit(0);
}
