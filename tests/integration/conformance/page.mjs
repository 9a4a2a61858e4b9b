// Runs in a web page: uses a server as a client of the official TypeScript SDK does there, and says what came of it to
// whoever served the page.
//   page.html?url=URL&mode=legacy|auto
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const asked = new URLSearchParams(location.search);

async function use() {
  const client = new Client({ name: "page", version: "1.0.0" }, { versionNegotiation: { mode: asked.get("mode") } });
  await client.connect(new StreamableHTTPClientTransport(new URL(asked.get("url"))));
  const { tools } = await client.listTools();
  // In a page the SDK repeats no argument in a header, which the tool asks for.
  const headers = { "Mcp-Param-Region": "north" };
  const result = await client.callTool({ name: "test_x_mcp_header", arguments: { region: "north" } }, { headers });
  await client.close();
  return { tools: tools.map(({ name }) => name), text: result.content[0].text };
}

const seen = await use().catch((error) => ({ error: String(error) }));
await fetch("/seen", { method: "POST", body: JSON.stringify(seen) });
