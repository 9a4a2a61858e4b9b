/**
 * Stands for Lambda's runtime client in the process of an execution environment: `node worker.mjs DESCRIPTOR FOLDER`.
 *
 * Reads events from a socket, a line each, gives them to the host's handler, and writes what that answers.
 */

import { Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [, , descriptor, folder] = process.argv;
const channel = new Socket({ fd: Number(descriptor), readable: true, writable: true });

function write(value) {
  channel.write(`${JSON.stringify(value)}\n`);
}

/** What Lambda tells the handler beside the event (Lambda Developer Guide, "Node.js context object"). */
function contextOf({ id, seconds }) {
  const end = performance.now() + seconds * 1000;
  const { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_LAMBDA_FUNCTION_VERSION: functionVersion } = process.env;
  return {
    awsRequestId: id,
    functionName,
    functionVersion,
    invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:000000000000:${functionName}:live`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: "local",
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, Math.trunc(end - performance.now())),
  };
}

const { environment, handler } = await import(pathToFileURL(path.join(folder, "mcp_lambda_host", "handler.mjs")).href);
write({ started: environment.hasServer });
for await (const line of createInterface({ input: channel })) {
  const asked = JSON.parse(line);
  const answer = await handler(asked.event, contextOf(asked)).catch((error) => console.error(error));
  write(answer ?? null);
}
process.exit(0);
