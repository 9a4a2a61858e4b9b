// Has a person log in as a client of the official TypeScript SDK does, calls a tool, and prints what came of it as
// JSON. The person says yes to everything. The host of URL is at the local AWS, AWS.
//   node login.mjs URL AWS CLIENT TOOL        (CLIENT "": the client registers)
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { Agent, request } from "undici";

const [url, aws, clientId, tool] = process.argv.slice(2);
const callback = "http://127.0.0.1:33418/callback";
const dispatcher = new Agent();
let cookie = "";

// As fetch, which lets no Host header be set, and follows redirects.
async function reached(input, init = {}) {
  const asked = new URL(input);
  const place = asked.host === new URL(url).host ? new URL(asked.pathname + asked.search, aws) : asked;
  const headers = { ...Object.fromEntries(new Headers(init.headers)), host: asked.host };
  const body = init.body === undefined ? null : String(init.body);
  const answer = await request(place, { method: init.method ?? "GET", headers, body, dispatcher });
  const given = new Headers();
  for (const [name, values] of Object.entries(answer.headers))
    for (const value of [values].flat()) given.append(name, value);
  const text = await answer.body.text();
  return new Response(text || null, { status: answer.statusCode, headers: given });
}

async function browse(place, init = {}) {
  const response = await reached(place, { ...init, headers: { ...init.headers, cookie } });
  for (const set of response.headers.getSetCookie()) cookie = set.split(";")[0];
  return response;
}

async function logIn(place) {
  const page = await (await browse(place)).text();
  const [, action, request] = /action="([^"]+)".*name="request" value="([^"]+)"/.exec(page);
  const body = new URLSearchParams({ request, decision: "continue" }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  let next = (await browse(new URL(action, url), { method: "POST", body, headers })).headers.get("location");
  while (!next.startsWith(callback)) next = (await browse(next)).headers.get("location");
  return new URL(next).searchParams;
}

const kept = { client: clientId ? { client_id: clientId } : undefined };
const authProvider = {
  redirectUrl: callback,
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
await first.finishAuth(await logIn(kept.place));
const second = client();
await second.connect(transport());
const result = await second.callTool({ name: tool, arguments: {} });
await second.close();
console.log(JSON.stringify({ text: result.content[0].text, refresh: kept.tokens.refresh_token }));
