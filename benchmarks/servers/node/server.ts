/** The tools that the servers in Python have. */

import { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const DAY = 24 * 60 * 60 * 1000;

export default function createServer(): McpServer {
  const server = new McpServer({ name: "toolbox", version: "1.0.0" });

  server.registerTool(
    "days_between",
    {
      description: "Count the days from start to end, both as YYYY-MM-DD.",
      inputSchema: z.object({ start: z.string(), end: z.string() }),
      outputSchema: z.object({ result: z.number() }),
    },
    ({ start, end }) => structured((Date.parse(end) - Date.parse(start)) / DAY),
  );

  server.registerTool(
    "miles_to_kilometres",
    {
      description: "Convert miles to kilometres, rounded to digits.",
      inputSchema: z.object({ miles: z.number(), digits: z.number().int() }),
      outputSchema: z.object({ result: z.number() }),
    },
    ({ miles, digits }) => structured(Number((miles * 1.609344).toFixed(digits))),
  );

  server.registerTool(
    "text_statistics",
    {
      description: "Count the characters, words and lines of a text.",
      inputSchema: z.object({ text: z.string() }),
      outputSchema: z.object({ characters: z.number(), words: z.number(), lines: z.number() }),
    },
    ({ text }) => {
      const words = text.split(/\s+/).filter(Boolean).length;
      const counted = { characters: text.length, words, lines: text.split("\n").length };
      return { content: [{ type: "text", text: JSON.stringify(counted) }], structuredContent: counted };
    },
  );

  return server;
}

function structured(result: number) {
  return { content: [{ type: "text" as const, text: String(result) }], structuredContent: { result } };
}
