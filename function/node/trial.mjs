/**
 * Starts a staged server as Lambda would: `node trial.mjs FOLDER`, as builder/node/trial.py calls it.
 *
 * There is no network here, and Node's permissions keep files from being written. Prints as the last line what came of
 * it, as JSON: `tools` (how many the server lists, null if it does not say), `network` (whether anything asked for it)
 * and `unset` (environment variables that were looked up and are not set).
 */

import dns from "node:dns";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";

import contract from "../mcp_lambda_host/contract.json" with { type: "json" };

const folder = process.argv[2];
const outcome = { started: false, tools: null, network: false, unset: [] };

function refuse() {
  outcome.network = true;
  return Object.assign(new Error("a trial start has no network"), { code: "ECONNREFUSED" });
}

net.Socket.prototype.connect = function connect() {
  process.nextTick(() => this.destroy(refuse()));
  return this;
};
dns.lookup = (...given) => process.nextTick(given.at(-1), refuse());

const unset = new Set();
process.env = new Proxy(process.env, {
  get(variables, name) {
    if (typeof name === "string" && variables[name] === undefined) unset.add(name);
    return variables[name];
  },
});

const version = "2026-07-28";
const envelope = {
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientCapabilities": {},
};
const EVENT = {
  version: "2.0",
  rawQueryString: "",
  headers: {
    host: "localhost",
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": version,
    "mcp-method": "tools/list",
  },
  requestContext: { domainName: "localhost", http: { method: "POST", path: contract.mcp_path } },
  body: JSON.stringify({ jsonrpc: "2.0", id: 0, method: "tools/list", params: { _meta: envelope } }),
};

const { environment, handler } = await import(pathToFileURL(path.join(folder, "mcp_lambda_host", "handler.mjs")).href);
outcome.started = environment.hasServer;
if (outcome.started) {
  const answer = await handler(EVENT, { awsRequestId: "trial", getRemainingTimeInMillis: () => 5000 });
  try {
    outcome.tools = JSON.parse(answer.body.split("\ndata: ").at(-1)).result.tools.length;
  } catch {
    // It does not say.
  }
}
process.stdout.write(`\n${JSON.stringify({ ...outcome, unset: [...unset] })}\n`, () => process.exit(0));
