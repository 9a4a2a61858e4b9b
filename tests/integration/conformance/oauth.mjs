// Gets a token as a client of the official TypeScript SDK does, calls a tool with it, and prints what came of it as JSON.
// Every name leads to this machine, and AWS's to the port of the local AWS, which the URL has.
//   node oauth.mjs URL CLIENT SECRET TOOL
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Agent, fetch } from "undici";

const [url, clientId, clientSecret, tool] = process.argv.slice(2);
const requests = []; // method, URL and status of each HTTP request
const lookup = (_name, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
const dispatcher = new Agent({ connect: { lookup } });

async function recorded(input, init) {
  const asked = new URL(input);
  const place = /^(\w+\.execute-api)\..+\.amazonaws\.com$/.exec(asked.hostname);
  const reached = place ? new URL(`http://${place[1]}.localhost:${new URL(url).port}${asked.pathname}`) : asked;
  const response = await fetch(reached, { ...init, dispatcher });
  requests.push(`${init?.method ?? "GET"} ${asked} ${response.status}`);
  return response;
}

const client = new Client({ name: "tests", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
const authProvider = new ClientCredentialsProvider({ clientId, clientSecret });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider, fetch: recorded }));
const result = await client.callTool({ name: tool, arguments: {} });
await client.close();
console.log(JSON.stringify({ text: result.content[0].text, requests }));
