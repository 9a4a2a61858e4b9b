// Connects, lists the tools and calls one, as a client of the official TypeScript SDK in the handshake era does, which
// asks for a stream by GET meanwhile. Prints the milliseconds.
//   node --input-type=module - URL TOOL ARGUMENTS
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [url, name, json] = process.argv.slice(2);
const client = new Client({ name: "benchmark", version: "1" }, { versionNegotiation: { mode: "legacy" } });

const begun = performance.now();
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
await client.listTools();
const { isError } = await client.callTool({ name, arguments: JSON.parse(json) });
const milliseconds = performance.now() - begun;
await client.close();
if (isError) throw new Error(`${name} failed`);
console.log(milliseconds);
