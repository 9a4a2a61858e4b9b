// Has a person log in as a client of the official TypeScript SDK does, calls a tool, and prints what came of it as
// JSON. Every name leads to PORT of this machine, but localhost and those under it, which are here already; there
// person.example does what the person does.
//   node login.mjs URL PORT CLIENT TOOL       (CLIENT "": the client registers; a URL: the client's document)
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { Agent, buildConnector, fetch } from "undici";

const [url, port, clientId, tool] = process.argv.slice(2);
const callback = "http://127.0.0.1:33418/callback";
const connect = buildConnector({});
const led = ({ hostname, ...options }) => {
  if (hostname === "localhost") return { hostname, ...options };
  return { ...options, hostname: "127.0.0.1", ...(hostname.endsWith(".localhost") ? {} : { port }) };
};
const dispatcher = new Agent({ connect: (options, done) => connect(led(options), done) });
const reached = (input, init) => fetch(input, { ...init, dispatcher });

const kept = { client: clientId && !clientId.startsWith("https://") ? { client_id: clientId } : undefined };
const authProvider = {
  redirectUrl: callback,
  clientMetadataUrl: clientId.startsWith("https://") ? clientId : undefined,
  clientMetadata: { client_name: "Desk", redirect_uris: [callback], token_endpoint_auth_method: "none" },
  state: () => "the client's",
  clientInformation: () => kept.client,
  saveClientInformation: (client) => (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => (kept.tokens = tokens),
  redirectToAuthorization: (place) => (kept.place = place),
  saveCodeVerifier: (verifier) => (kept.verifier = verifier),
  codeVerifier: () => kept.verifier,
};

const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider, fetch: reached });
const client = () => new Client({ name: "tests", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
const first = transport();
await client().connect(first).catch((error) => {
  if (!(error instanceof UnauthorizedError)) throw error;
});
const back = await reached(`https://person.example/?${new URLSearchParams({ url: kept.place })}`);
await first.finishAuth(new URLSearchParams(await back.json()));
const second = client();
await second.connect(transport());
const result = await second.callTool({ name: tool, arguments: {} });
await second.close();
console.log(JSON.stringify({ text: result.content[0].text, client: kept.client, tokens: kept.tokens }));
