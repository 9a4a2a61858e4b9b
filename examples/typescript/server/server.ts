import { acceptedContent, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const DAY = 24 * 60 * 60 * 1000;
const date = z.iso.date().describe("a date, such as 2026-12-24");
const question = z.object({ start: date });

export default function createServer(): McpServer {
  const server = new McpServer({ name: "calendar", version: "1.0.0" });

  server.registerTool(
    "days_between",
    {
      description: "Count the days from one date to another.",
      inputSchema: z.object({ start: date, end: date }),
      outputSchema: z.object({ days: z.number().int() }),
    },
    ({ start, end }) => {
      const days = Math.round((Date.parse(end) - Date.parse(start)) / DAY);
      return { content: [{ type: "text", text: String(days) }], structuredContent: { days } };
    },
  );

  server.registerTool(
    "working_days_from",
    {
      description: "Find the date some working days after another, for which the caller is asked.",
      inputSchema: z.object({ working_days: z.number().int().min(1).max(250) }),
    },
    ({ working_days }, ctx) => {
      const answer = acceptedContent(ctx.mcpReq.inputResponses, "start", question);
      if (!answer) {
        return inputRequired({
          inputRequests: { start: inputRequired.elicit({ message: "From which date?", requestedSchema: question }) },
          requestState: String(working_days), // what was asked for first; the host seals it, so nobody can change it
        });
      }
      const end = workingDaysFrom(answer.start, Number(ctx.mcpReq.requestState()));
      return { content: [{ type: "text", text: end }] };
    },
  );

  return server;
}

function workingDaysFrom(start: string, count: number): string {
  let day = Date.parse(start);
  for (let left = count; left > 0;) {
    day += DAY;
    if (![0, 6].includes(new Date(day).getUTCDay())) left -= 1;
  }
  return new Date(day).toISOString().slice(0, 10);
}
