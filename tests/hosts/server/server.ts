import { inputRequired, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { z } from "zod";

const said = (text: string) => ({ content: [{ type: "text" as const, text }] });

export default function createServer(): McpServer {
  const server = new McpServer({ name: "shop", version: "1.2.0" });

  const numbers = z.object({ a: z.number(), b: z.number() });
  server.registerTool("add", { inputSchema: numbers }, ({ a, b }) => said(String(a + b)));

  server.registerTool("count", { inputSchema: z.object({ to: z.number() }) }, async ({ to }, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (let step = 0; step < to && progressToken !== undefined; step += 1) {
      const params = { progressToken, progress: step + 1, total: to };
      await ctx.mcpReq.notify({ method: "notifications/progress", params });
    }
    return said("done");
  });

  server.registerTool("fail", { inputSchema: z.object({ reason: z.string() }) }, ({ reason }) => {
    throw new Error(reason);
  });

  server.registerTool("wait", { inputSchema: z.object({ seconds: z.number() }) }, async ({ seconds }) => {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return said("done");
  });

  const long = z.object({ length: z.number(), letter: z.string().default("x") });
  server.registerTool("text", { inputSchema: long }, ({ length, letter }) => said(letter.repeat(length)));

  server.registerTool("whoami", {}, (ctx) => {
    const caller = ctx.http?.authInfo;
    return said(caller ? `${caller.extra?.sub} by ${caller.clientId} with ${caller.scopes.join(" ")}` : "nobody");
  });

  server.registerTool("book", { inputSchema: z.object({ room: z.number() }) }, ({ room }, ctx) => {
    const state = ctx.mcpReq.requestState();
    if (state !== undefined) return said(`${state} is booked`);
    const sure = inputRequired.elicit({ message: "Sure?", requestedSchema: z.object({}) });
    return inputRequired({ inputRequests: { sure }, requestState: `room ${room}` });
  });

  server.registerPrompt("greet", { argsSchema: z.object({ who: z.string() }) }, ({ who }) => ({
    messages: [{ role: "user", content: { type: "text", text: `Greet ${who}.` } }],
  }));

  server.registerResource("static", "note://static", {}, (uri) => ({ contents: [{ uri: uri.href, text: "static" }] }));
  server.registerResource("note", new ResourceTemplate("note://by/{id}", { list: undefined }), {}, (uri, { id }) => ({
    contents: [{ uri: uri.href, text: String(id) }],
  }));

  return server;
}
