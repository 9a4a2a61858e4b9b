/** One Lambda execution environment: from the gateway's event to its answer, in the time that is left. */

import { offerSecrets } from "./author_secrets.ts";
import { SECONDS_TO_ANSWER, type Variables } from "./contract.ts";
import { StartError } from "./errors.ts";
import * as gateway from "./gateway.ts";
import { type Answer, type Incoming, LIMIT, response } from "./gateway.ts";
import { Application } from "./http/application.ts";
import { nameOrigin } from "./http/cors.ts";
import { isEndpoint, jsonRpcError, type Members, parseObject, parseResponse, requestIdOf } from "./messages.ts";
import { logError, logWarning, messageOf } from "./own_log.ts";
import { checkScoped, rehearse } from "./rehearsal.ts";
import type { Hosted } from "./sdk/hosted.ts";
import type { Settings } from "./settings.ts";
import type { Call } from "./telemetry/calls.ts";
import { Names } from "./telemetry/names.ts";
import { type Context, Observer } from "./telemetry/observer.ts";

/** How long a start may take, in seconds from that of the process: Lambda ends the init phase after 10 s (Developer
 * Guide, "Understanding the Lambda execution environment lifecycle"). */
export const INIT_SECONDS = 9;

/** How long it may take under provisioned concurrency, where Lambda gives 130 s (same page). */
export const LONG_INIT_SECONDS = 125;

/** Starts the author's server anew. */
export type Load = (settings: Settings, variables: Variables) => Promise<Hosted>;

class DeadlineError extends Error {}

/** Keeps a server that works and answers events with it, whatever the author's code does. */
export class Environment {
  readonly #settings: Settings;
  readonly #variables: Variables;
  readonly #load: Load;
  readonly #refusal: string | undefined;
  readonly #observer: Observer;
  #application: Application | undefined;

  /**
   * @param settings What Terraform says.
   * @param variables The process's environment variables.
   * @param load Starts the author's server.
   * @param refusal Why no server can be started with these settings; undefined: they are as they should be.
   */
  constructor(settings: Settings, variables: Variables, load: Load, refusal?: string) {
    this.#settings = settings;
    this.#variables = variables;
    this.#load = load;
    this.#refusal = refusal;
    this.#observer = new Observer(settings, variables);
  }

  /** Whether the author's server could be started. */
  get hasServer(): boolean {
    return this.#application !== undefined;
  }

  /** Note for the first request's line how long the start took that it waited for. */
  noteInit(seconds: number): void {
    this.#observer.initMilliseconds = Math.round(seconds * 10_000) / 10;
  }

  /**
   * The application, made now if there is none.
   *
   * @throws {StartError} The server cannot be started. The next event tries again: the cause may pass.
   */
  async open(seconds: number): Promise<Application> {
    try {
      this.#application ??= await inTime(this.#start(), seconds, () => {
        return new StartError(`The server has not started within ${seconds.toFixed(1)} s.`, true);
      });
      return this.#application;
    } catch (error) {
      const said = this.#withoutSecrets(error instanceof StartError ? error.message : messageOf(error));
      logError(said);
      throw new StartError(said, error instanceof StartError && error.isLate);
    }
  }

  /** The proxy response to an API Gateway event of payload format 2.0 or 1.0. */
  async answer(event: unknown, context: Context): Promise<Answer> {
    let incoming: Incoming;
    try {
      incoming = gateway.parseEvent(event);
    } catch (error) {
      if (!(error instanceof gateway.UnreadableEventError)) throw error;
      return refuse(400, "This is no request that can be read; the server answers API Gateway proxy events.");
    }
    const answer = await this.#observer.request(incoming, context, (call) => this.#answer(incoming, context, call));
    nameOrigin(answer, incoming, this.#settings.origins);
    return answer;
  }

  async #answer(incoming: Incoming, context: Context, call: Call): Promise<Answer> {
    const seconds = secondsLeft(context);
    const stop = new AbortController();
    let answer: Answer;
    try {
      const application = await this.open(seconds);
      const left = secondsLeft(context);
      if (left <= 0) throw new DeadlineError(); // not begun, rather than done behind the back of a late client
      const reply = await inTime(application.serve(incoming, stop.signal), left, () => new DeadlineError());
      answer = gateway.toAnswer(reply, incoming);
    } catch (error) {
      if (error instanceof StartError) {
        call.outcome = "start_failed";
        return refuse(500, "This MCP server could not be started; its log says why.");
      }
      if (error instanceof DeadlineError) {
        call.outcome = "deadline";
        const had = Math.max(0, seconds);
        const limit = "the time this server has for one request (timeout_seconds)";
        const data = { limitSeconds: Number(had.toFixed(3)) };
        return giveUp(incoming, 504, `No answer within ${had.toFixed(1)} s, ${limit}.`, data);
      }
      logError(`The server failed: ${this.#withoutSecrets(messageOf(error))}`);
      call.fail("error", 500);
      return giveUp(incoming, 500, "The server failed while it was at this request; its log says why.");
    } finally {
      stop.abort();
    }
    if (!isResponse(answer) && idAsked(incoming) !== null) {
      call.fail("error", 500);
      return giveUp(incoming, 500, "The server's answer could not be sent: it ended without a JSON-RPC response.");
    }
    const bytes = gateway.sizeOf(answer);
    if (bytes > LIMIT) {
      call.outcome = "oversize";
      const [has, carries] = [bytes.toLocaleString("en-US"), LIMIT.toLocaleString("en-US")];
      const limit = `The answer has ${has} bytes, and Lambda carries ${carries}: ask for less at a time.`;
      return giveUp(incoming, 413, limit, { bytes, limitBytes: LIMIT });
    }
    return answer;
  }

  async #start(): Promise<Application> {
    if (this.#refusal !== undefined) throw new StartError(this.#refusal);
    await offerSecrets(this.#settings.secrets, this.#variables);
    const hosted = await this.#load(this.#settings, this.#variables);
    const names = new Names(hosted.matches);
    await checkScoped(hosted, Object.keys(this.#settings.required_scopes));
    if (hosted.isOfSdk) await rehearse(hosted, names);
    this.#observer.names = names;
    return new Application(hosted, this.#settings);
  }

  /** The text with names for the values of secrets: an exception of the author's may quote what it choked on. */
  #withoutSecrets(text: string): string {
    let hidden = text;
    for (const name of Object.keys(this.#settings.secrets)) {
      const value = this.#variables[name] ?? "";
      if (value.length <= 3) continue; // to replace so short a one would take the sentence apart
      hidden = hidden.replaceAll(value, `(${name})`);
    }
    return hidden;
  }
}

function secondsLeft(context: Context): number {
  return context.getRemainingTimeInMillis() / 1000 - SECONDS_TO_ANSWER;
}

/** What a promise resolves to, or a rejection with an error once the time is over. */
async function inTime<T>(promise: Promise<T>, seconds: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, seconds) * 1000);
  });
  promise.catch(() => undefined); // one that fails later has nobody to tell
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether an answer may be left as it is; a stream must end with a response. */
function isResponse(answer: Answer): boolean {
  if (answer.isBase64Encoded) return true;
  const text = answer.body;
  if (answer.statusCode >= 500 || !text) return Object.keys(parseResponse(text)).length > 0;
  if (!/^(event|data|id|:)/.test(text)) return true;
  const last = parseResponse(text);
  return "result" in last || "error" in last;
}

/** The id of a request to the endpoint; null: it is no such request. */
function idAsked(incoming: Incoming): string | number | null {
  const isAsked = incoming.method === "POST" && isEndpoint(incoming.path);
  return isAsked ? requestIdOf(parseObject(incoming.body.toString())) : null;
}

/** The answer that says why there is none, to a client of MCP or of a route of the author's. */
function giveUp(incoming: Incoming, code: number, message: string, data?: Members): Answer {
  logWarning(message);
  const id = idAsked(incoming);
  if (id === null) return refuse(code === 504 ? 504 : 500, message);
  // 200, since clients of the handshake era take any other status for a failed transport and never read the error.
  return response(200, jsonRpcError(code, message, id, data));
}

function refuse(status: number, message: string): Answer {
  return response(status, jsonRpcError(status, message));
}
