/**
 * A plain McpServer with the tools, prompts and resources that the official conformance suite asks for by name.
 *
 * What each of them has to do is said by `conformance list --server` and the descriptions of the suite's scenarios.
 */

import { randomUUID } from "node:crypto";

import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  completable,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";

// One red pixel, and a WAV file of no samples.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/** Another one in each process, and said in most answers, so that they tell how many have served. */
const ENVIRONMENT = `environment ${randomUUID().replaceAll("-", "")}`;

const PLACES = ["paris", "park", "party", "rome"];

const text = (said: string) => ({ type: "text" as const, text: said });
const answer = (said: string) => ({ content: [text(said)] });
const picture = { type: "image" as const, data: PNG, mimeType: "image/png" };
const document = (uri: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType: "text/plain", text: ENVIRONMENT },
});

const question = (message: string, field: string, kind: z.ZodType = z.string()) =>
  inputRequired.elicit({ message, requestedSchema: z.object({ [field]: kind }) });
const sample = (said: string) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: text(said) }], maxTokens: 100 });
const answered = (ctx: ServerContext, ...keys: string[]) =>
  keys.every((key) => key in (ctx.mcpReq.inputResponses ?? {}));

export default function createServer(): McpServer {
  const server = new McpServer({ name: "conformance", version: "1.0.0" });
  content(server);
  notifications(server);
  requestsToTheClient(server);
  rounds(server);
  resources(server);
  prompts(server);
  return server;
}

function content(server: McpServer): void {
  server.registerTool("test_simple_text", { description: "Answer with text." }, () => answer(ENVIRONMENT));
  server.registerTool("test_image_content", { description: "Answer with an image." }, () => ({ content: [picture] }));
  server.registerTool("test_audio_content", { description: "Answer with audio." }, () => ({
    content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  }));
  server.registerTool("test_embedded_resource", { description: "Answer with a resource inside the result." }, () => ({
    content: [document("test://embedded-resource")],
  }));
  server.registerTool(
    "test_multiple_content_types",
    { description: "Answer with text, an image and a resource." },
    () => ({
      content: [text(ENVIRONMENT), picture, document("test://mixed-content-resource")],
    }),
  );
  server.registerTool("test_error_handling", { description: "Fail." }, () => {
    throw new Error(`This tool fails on purpose in ${ENVIRONMENT}.`);
  });
  const region = z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) });
  server.registerTool(
    "test_x_mcp_header",
    { description: "Take an argument that the client repeats in a header.", inputSchema: region },
    ({ region }) => answer(`${region}, ${ENVIRONMENT}`),
  );
  server.registerTool(
    "occupy",
    { description: "Keep this environment busy for a moment, so that another one has to serve the next request." },
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return answer(ENVIRONMENT);
    },
  );
}

function notifications(server: McpServer): void {
  server.registerTool("test_tool_with_logging", { description: "Log three lines on the way." }, async (ctx) => {
    for (const line of ["begun", "half done", "done"]) await ctx.mcpReq.log("info", line);
    return answer("Logged.");
  });
  server.registerTool(
    "test_logging_tool",
    { description: "Log, which a client that asked for no log must not see." },
    async (ctx) => {
      await ctx.mcpReq.log("info", "a line");
      return answer("Logged.");
    },
  );
  server.registerTool("test_tool_with_progress", { description: "Report three steps on the way." }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      const params = { progressToken, progress, total: 100, message: `${progress} of 100` };
      await ctx.mcpReq.notify({ method: "notifications/progress", params });
    }
    return answer("Done.");
  });
}

/** Requests in the middle of a call, as the handshake era has them: only a server that is one process can make them. */
function requestsToTheClient(server: McpServer): void {
  server.registerTool(
    "test_sampling",
    { description: "Ask the client's model.", inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, ctx) => {
      const message = { role: "user" as const, content: text(prompt) };
      const result = await ctx.mcpReq.requestSampling({ messages: [message], maxTokens: 100 });
      return answer(JSON.stringify(result.content));
    },
  );
  const ask = async (ctx: ServerContext, message: string) => {
    const requestedSchema = { type: "object" as const, properties: { response: { type: "string" as const } } };
    return answer((await ctx.mcpReq.elicitInput({ mode: "form", message, requestedSchema })).action);
  };
  const asked = z.object({ message: z.string() });
  server.registerTool("test_elicitation", { description: "Ask the user.", inputSchema: asked }, ({ message }, ctx) =>
    ask(ctx, message),
  );
  server.registerTool(
    "test_elicitation_sep1034_defaults",
    { description: "Ask the user, with a default for each field." },
    (ctx) => ask(ctx, "Who are you?"),
  );
  server.registerTool("test_elicitation_sep1330_enums", { description: "Ask the user to choose." }, (ctx) =>
    ask(ctx, "Choose."),
  );
}

/** Several rounds, as 2026-07-28 has them. */
function rounds(server: McpServer): void {
  server.registerTool("test_missing_capability", { description: "Need a client that offers its model." }, (ctx) =>
    answered(ctx, "model")
      ? answer("The client offers its model.")
      : inputRequired({ inputRequests: { model: sample("Are you there?") } }),
  );
  const greet = (ctx: ServerContext) => {
    const named = acceptedContent(ctx.mcpReq.inputResponses, "user_name");
    if (named) return answer(`Hello, ${named.name}, from ${ENVIRONMENT}!`);
    return inputRequired({ inputRequests: { user_name: question("What is your name?", "name") } });
  };
  server.registerTool(
    "test_input_required_result_elicitation",
    { description: "Greet the user, whose name has to be asked for." },
    greet,
  );
  server.registerTool("test_streaming_elicitation", { description: "Ask for a name." }, greet);
  server.registerTool(
    "test_input_required_result_sampling",
    { description: "Ask the client's model for a capital." },
    (ctx) =>
      answered(ctx, "capital_question")
        ? answer(`The model has answered ${ENVIRONMENT}.`)
        : inputRequired({ inputRequests: { capital_question: sample("What is the capital of France?") } }),
  );
  server.registerTool("test_input_required_result_list_roots", { description: "Ask for the client's roots." }, (ctx) =>
    answered(ctx, "client_roots")
      ? answer(`The client has named its roots to ${ENVIRONMENT}.`)
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  );
  const confirm = (ctx: ServerContext) =>
    answered(ctx, "confirm") && ctx.mcpReq.requestState() === "asked"
      ? answer(`state-ok in ${ENVIRONMENT}`)
      : inputRequired({ inputRequests: { confirm: question("Sure?", "ok", z.boolean()) }, requestState: "asked" });
  server.registerTool(
    "test_input_required_result_request_state",
    { description: "Ask for a confirmation, and remember having asked." },
    confirm,
  );
  server.registerTool(
    "test_input_required_result_tampered_state",
    { description: "Ask for a confirmation, and remember having asked." },
    confirm,
  );
  server.registerTool(
    "test_input_required_result_multiple_inputs",
    { description: "Ask three things at once." },
    (ctx) => {
      if (answered(ctx, "user_name", "greeting", "client_roots")) return answer(`All is answered in ${ENVIRONMENT}.`);
      return inputRequired({
        inputRequests: {
          user_name: question("What is your name?", "name"),
          greeting: sample("Generate a greeting."),
          client_roots: inputRequired.listRoots(),
        },
        requestState: "asked",
      });
    },
  );
  server.registerTool(
    "test_input_required_result_multi_round",
    { description: "Ask two things, one after the other, and name the environments that did." },
    (ctx) => {
      const state = ctx.mcpReq.requestState<string>();
      if (state === undefined) {
        return inputRequired({ inputRequests: { step1: question("Your name?", "name") }, requestState: ENVIRONMENT });
      }
      if (state.includes(",")) return answer(`${state}, ${ENVIRONMENT}`);
      const requestState = `${state}, ${ENVIRONMENT}`;
      return inputRequired({ inputRequests: { step2: question("Your colour?", "color") }, requestState });
    },
  );
  server.registerTool(
    "test_input_required_result_capabilities",
    { description: "Ask only what the client can answer." },
    (ctx) => {
      const offered = ctx.mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY as never] as ClientCapabilities | undefined;
      return inputRequired({
        inputRequests: {
          ...(offered?.sampling && { sample: sample("Say hello.") }),
          ...(offered?.elicitation && { ask: question("What is your name?", "name") }),
        },
        requestState: "asked",
      });
    },
  );
}

function resources(server: McpServer): void {
  const plain = { mimeType: "text/plain" };
  server.registerResource("static_text", "test://static-text", plain, ({ href }) => ({
    contents: [{ uri: href, ...plain, text: `A text of ${ENVIRONMENT}.` }],
  }));
  server.registerResource("static_binary", "test://static-binary", { mimeType: "image/png" }, ({ href }) => ({
    contents: [{ uri: href, mimeType: "image/png", blob: PNG }],
  }));
  server.registerResource("watched_resource", "test://watched-resource", plain, ({ href }) => ({
    contents: [{ uri: href, ...plain, text: "It never changes." }],
  }));
  const begins = (value: string) => PLACES.filter((place) => place.startsWith(value));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined, complete: { id: begins } });
  server.registerResource("template", template, { mimeType: "application/json" }, ({ href }, { id }) => ({
    contents: [{ uri: href, mimeType: "application/json", text: JSON.stringify({ id, data: ENVIRONMENT }) }],
  }));
}

function prompts(server: McpServer): void {
  const user = (content: ReturnType<typeof text> | typeof picture | ReturnType<typeof document>) => ({
    role: "user" as const,
    content,
  });
  server.registerPrompt("test_simple_prompt", { description: "A prompt as it is." }, () => ({
    messages: [user(text(`Greet ${ENVIRONMENT}.`))],
  }));
  const begins = (value: string) => PLACES.filter((place) => place.startsWith(value));
  const two = z.object({ arg1: completable(z.string(), begins), arg2: z.string() });
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "A prompt with two arguments.", argsSchema: two },
    ({ arg1, arg2 }) => ({
      messages: [user(text(`Say ${arg1} and ${arg2} to ${ENVIRONMENT}.`))],
    }),
  );
  const about = z.object({ resourceUri: z.string() });
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "A prompt about a document.", argsSchema: about },
    ({ resourceUri }) => ({
      messages: [user(document(resourceUri)), user(text("Sum it up."))],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "A prompt about an image." }, () => ({
    messages: [user(picture), user(text("What is this?"))],
  }));
  server.registerPrompt(
    "test_input_required_result_prompt",
    { description: "A prompt whose context has to be asked for." },
    (ctx) =>
      answered(ctx, "user_context")
        ? { messages: [user(text(`Go on in that context in ${ENVIRONMENT}.`))] }
        : inputRequired({ inputRequests: { user_context: question("In which context?", "context") } }),
  );
}
