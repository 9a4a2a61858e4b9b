// Stock of a shop: people ask what to order, and the server knows who asks.
import { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

export default function createServer(): McpServer {
  const server = new McpServer({ name: "stock", version: "1.0.0" });

  server.registerTool("who_am_i", { description: "Say who calls, by the subject of the token." }, (ctx) => {
    const subject = ctx.http?.authInfo?.extra?.["sub"];
    return { content: [{ type: "text", text: String(subject) }] };
  });

  server.registerTool(
    "to_order",
    {
      description: "Say how many pieces to order so that they last.",
      inputSchema: z.object({
        in_stock: z.number().int().min(0),
        sold_a_day: z.number().min(0),
        days: z.number().int().min(1).max(365),
      }),
      outputSchema: z.object({ pieces: z.number().int() }),
    },
    ({ in_stock, sold_a_day, days }) => {
      const pieces = Math.max(0, Math.ceil(sold_a_day * days) - in_stock);
      return { content: [{ type: "text", text: String(pieces) }], structuredContent: { pieces } };
    },
  );

  return server;
}
