// Uses a server as a client of the official TypeScript SDK does, and prints what came of it as JSON.
//   node client.mjs URL legacy|auto|2026-07-28
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [url, mode] = process.argv.slice(2);
const requests = []; // method and status of each HTTP request
const questions = [];
const progress = [];

const client = new Client(
  { name: "tests", version: "1.0.0" },
  {
    capabilities: { elicitation: {} },
    versionNegotiation: { mode: ["legacy", "auto"].includes(mode) ? mode : { pin: mode } },
  },
);
client.setRequestHandler("elicitation/create", async ({ params }) => {
  questions.push(params.message);
  const fields = params.requestedSchema.required;
  return { action: "accept", content: Object.fromEntries(fields.map((field) => [field, "Ada"])) };
});

async function recorded(input, init) {
  const response = await fetch(input, init);
  requests.push(`${init?.method ?? "GET"} ${response.status}`);
  return response;
}

await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: recorded }));
const version = client.getNegotiatedProtocolVersion();
const modern = client.getProtocolEra() === "modern";
const { tools } = await client.listTools();
const { resources } = await client.listResources();
const { resourceTemplates } = await client.listResourceTemplates();
const { prompts } = await client.listPrompts();
const call = (name, options) => client.callTool({ name, arguments: {} }, options);
const onprogress = (step) => progress.push(step.progress);

const result = {
  version,
  capabilities: client.getServerCapabilities(),
  tools: tools.map(({ name }) => name),
  resources: resources.map(({ uri }) => uri),
  templates: resourceTemplates.map(({ uriTemplate }) => uriTemplate),
  prompts: prompts.map(({ name }) => name),
  called: (await call("test_tool_with_progress", { onprogress })).content[0].text,
  progress,
  failed: (await call("test_error_handling")).isError,
  unknown: await call("test_nothing").then(() => null, (error) => error.code),
  read: (await client.readResource({ uri: "test://template/7/data" })).contents[0].text,
  prompted: (await client.getPrompt({ name: "test_prompt_with_arguments", arguments: { arg1: "a", arg2: "b" } }))
    .messages[0].content.text,
  completed: (
    await client.complete({
      ref: { type: "ref/prompt", name: "test_prompt_with_arguments" },
      argument: { name: "arg1", value: "par" },
    })
  ).completion.values,
  answered: modern ? (await call("test_input_required_result_multi_round")).content[0].text : null,
  questions,
  requests,
};
await client.close();
console.log(JSON.stringify(result));
