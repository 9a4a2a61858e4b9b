/**
 * The request line: one line of the log for each MCP request, which also counts it, and an X-Ray subsegment.
 *
 * Whatever fails in here is one more line of the log; the answer to the client stays as it is.
 */

import { createHash } from "node:crypto";

import { METRIC_NAMESPACE, type Variables } from "../contract.ts";
import type { Answer, Incoming } from "../gateway.ts";
import { callerOf } from "../http/identity.ts";
import { isEndpoint, type Members } from "../messages.ts";
import { isAtLeast, logError, writeLine } from "../own_log.ts";
import type { Settings } from "../settings.ts";
import { Call, readCall } from "./calls.ts";
import * as metrics from "./metrics.ts";
import { Names, UNKNOWN } from "./names.ts";

/** What Lambda tells of a request (Developer Guide, "Node.js context object"). */
export interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** Level of the request line by outcome. All others are warnings: mostly the client has to do something else. */
const LEVEL_OF: Readonly<Record<string, string>> = { ok: "INFO", start_failed: "ERROR" };

/** Characters of a method or name that a line keeps: tools have no longer ones, and clients may send anything. */
const LONGEST_NAME = 128;

/** Characters of the arguments and of the answer that a line keeps: CloudWatch Logs takes events of up to 1 MB. */
const LONGEST_PAYLOAD = 10_000;

/** Hexadecimal digits of a caller's hash: of a million callers, two share one with a chance of 1 in 500. */
const SUBJECT_CHARACTERS = 12;

/** Matches a field of the tracing header. */
const TRACE_FIELD = /\b(Root|Parent|Sampled)=([0-9a-f-]{1,35})(?=;|$)/g;

/** Watches the requests of one execution environment. */
export class Observer {
  /** What the author's server has, once it is loaded. */
  names = new Names(() => false);
  /** How long the environment took to start, of which its first line tells; undefined: nobody waited. */
  initMilliseconds: number | undefined;

  readonly #settings: Settings;
  readonly #variables: Variables;
  readonly #daemon: string | undefined;
  #cold: boolean;
  #memory = 0;

  /**
   * @param settings What to tell of them.
   * @param variables The process's environment variables, in which Lambda says how it started the environment, where
   *   the X-Ray daemon is, and what trace the current request belongs to.
   */
  constructor(settings: Settings, variables: Variables) {
    this.#settings = settings;
    this.#variables = variables;
    this.#daemon = settings.tracing ? variables.AWS_XRAY_DAEMON_ADDRESS : undefined;
    this.#cold = variables.AWS_LAMBDA_INITIALIZATION_TYPE !== "provisioned-concurrency";
  }

  /**
   * Watch one request; what is called gives the call its outcome where the answer does not tell it.
   *
   * There is no line for other paths and methods than MCP's: the access log has them.
   */
  async request(incoming: Incoming, context: Context, answer: (call: Call) => Promise<Answer>): Promise<Answer> {
    const isMcp = incoming.method === "POST" && isEndpoint(incoming.path);
    const failures: unknown[] = [];
    const call = isMcp ? attempt(failures, () => readCall(incoming), new Call()) : new Call();
    [call.cold, this.#cold] = [this.#cold, false];
    const begun = performance.now();
    try {
      call.response = await answer(call);
      return call.response;
    } catch (error) {
      call.fail("error", 500); // the runtime answers, with a failure of the function
      throw error;
    } finally {
      call.milliseconds = Math.round((performance.now() - begun) * 10) / 10;
      if (isMcp) await this.#tell(call, incoming, context, failures);
    }
  }

  async #tell(call: Call, incoming: Incoming, context: Context, failures: unknown[]): Promise<void> {
    attempt(failures, () => call.judge(), undefined);
    attempt(failures, () => this.names.learn(call.method ?? "", call.answer), undefined);
    const toolCounts = attempt(failures, () => this.names.hasMetrics(call.tool), false);
    const name = attempt(failures, () => this.#name(call), UNKNOWN);
    const counted = attempt<Members>(failures, () => this.#counted(call, toolCounts), {});
    const trace = attempt<Record<string, string>>(failures, () => this.#trace(), {});
    const root = this.#settings.tracing ? trace.Root : undefined;
    const known = { traceId: root, subject: attempt(failures, () => this.#subject(incoming), undefined) };
    const told = (): Members => ({ ...this.#told(call, name), ...known });
    attempt(failures, () => this.#writeLine(call, context, told(), counted), undefined);
    if (call.tool && this.#daemon) {
      await this.#sendSubsegment(call, toolCounts, trace, this.#daemon).catch(push(failures));
    }
    report(failures);
  }

  #writeLine(call: Call, context: Context, told: Members, counted: Members): void {
    const weight = this.#weight(call, counted);
    const level = this.#level(call, counted);
    if (!weight || !level) return;
    const envelope = { timestamp: new Date(call.ended).toISOString(), level, requestId: context.awsRequestId };
    const grown = { memoryMB: this.#grownMemory(), weight: weight > 1 ? weight : undefined };
    writeLine({ ...envelope, ...told, ...grown, ...counted });
  }

  #told(call: Call, name: string | undefined): Members {
    const method = metrics.METHODS.has(call.method ?? "") || !call.method ? call.method : UNKNOWN;
    const shown = name?.slice(0, LONGEST_NAME);
    return {
      era: call.era,
      method: call.tool ? undefined : method, // only a call of a tool has one
      [call.tool ? "tool" : "name"]: shown,
      outcome: call.outcome,
      errorCode: call.errorCode,
      durationMs: call.milliseconds,
      coldStart: call.cold || undefined,
      initDurationMs: call.cold ? this.initMilliseconds : undefined,
      ...(this.#settings.log_payloads && {
        arguments: JSON.stringify(call.params).slice(0, LONGEST_PAYLOAD),
        answer: call.answer.slice(0, LONGEST_PAYLOAD),
      }),
    };
  }

  /** The name of what a call uses: a tool, a prompt, or the resource or template behind a URI. */
  #name(call: Call): string | undefined {
    if (call.method === "prompts/get") return this.names.prompt(call.param("name"));
    if (call.method === "resources/read") return this.names.resource(call.param("uri"));
    return this.names.tool(call.tool);
  }

  /** What makes metrics of the line. What is no message of MCP is not counted. */
  #counted(call: Call, toolCounts: boolean): Members {
    if (this.#settings.metrics === "none" || !call.method || call.outcome === "without_id") return {};
    const dimensions = this.#settings.metrics === "tools" ? metrics.dimensionsOf(call, toolCounts) : {};
    return metrics.members(call, `${METRIC_NAMESPACE}/${this.#settings.name}`, dimensions);
  }

  /**
   * For how many calls the line stands; 0: it is not to be written.
   *
   * Only of plain successes there may be too many lines: what counts and a cold start have theirs.
   */
  #weight(call: Call, counted: Members): number {
    const rate = this.#settings.log_sample_rate;
    if (rate === 1 || call.outcome !== "ok" || call.cold || Object.keys(counted).length > 0) return 1;
    return Math.random() < rate ? Math.round(1000 / rate) / 1000 : 0;
  }

  /** The most memory that the process has had, in MB; undefined: the line of an earlier request has said so. */
  #grownMemory(): number | undefined {
    const peak = Math.trunc(process.resourceUsage().maxRSS / 1024);
    const hasGrown = peak > this.#memory;
    this.#memory = peak;
    return hasGrown ? peak : undefined;
  }

  /**
   * The level of the line; undefined: it is not to be written.
   *
   * Lambda drops what is below log_level, and takes a line without a level for INFO (Developer Guide, "Log-level
   * filtering"): metrics would be lost with it. So a line that counts is raised to the lowest level that is kept.
   */
  #level(call: Call, counted: Members): string | undefined {
    const own = LEVEL_OF[call.outcome] ?? "WARN";
    const lowest = this.#settings.log_level;
    if (isAtLeast(own, lowest)) return own;
    return Object.keys(counted).length > 0 || this.#isCountedByFilter(call) ? lowest : undefined;
  }

  /** Whether the filter on the log counts the line; with a sample there is none, since not every call has a line. */
  #isCountedByFilter(call: Call): boolean {
    return this.#settings.metrics !== "none" && this.#settings.log_sample_rate === 1 && Boolean(call.tool);
  }

  /** Who called: hashed, two lines show that it was the same one, but not who. The name keeps servers apart. */
  #subject(incoming: Incoming): string | undefined {
    const caller = callerOf(incoming.context);
    if (!caller || this.#settings.log_subject === "none") return undefined;
    const subject = String(caller.extra.sub || caller.clientId);
    if (this.#settings.log_subject === "plain") return subject;
    return createHash("sha256").update(`${this.#settings.name}\n${subject}`).digest("hex").slice(0, SUBJECT_CHARACTERS);
  }

  /**
   * The fields of the tracing header, which the runtime sets anew for each request: Root=…;Parent=…;Sampled=…
   *
   * A client may send a header of its own: what is no id is left out.
   */
  #trace(): Record<string, string> {
    const header = this.#variables._X_AMZN_TRACE_ID ?? "";
    return Object.fromEntries([...header.matchAll(TRACE_FIELD)].map(([, name = "", value = ""]) => [name, value]));
  }

  async #sendSubsegment(call: Call, toolCounts: boolean, trace: Record<string, string>, daemon: string): Promise<void> {
    const { sendSubsegment } = await import("./tracing.ts"); // not loaded where tracing is off
    await sendSubsegment(call, toolCounts && call.tool ? call.tool : "tools/call", daemon, trace);
  }
}

/** What a part of the telemetry returns, or `otherwise` if it fails. */
function attempt<T>(failures: unknown[], part: () => T, otherwise: T): T {
  try {
    return part();
  } catch (error) {
    failures.push(error);
    return otherwise;
  }
}

function push(failures: unknown[]): (error: unknown) => void {
  return (error) => failures.push(error);
}

/** Log the first failure by its type and place; the text of an exception may hold what a client sent. */
function report(failures: unknown[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const [kind, stack] = first instanceof Error ? [first.name, first.stack ?? ""] : ["something", ""];
  const place = /^\s+(at .+)$/m.exec(stack)?.[1] ?? "";
  logError(`The telemetry of this request is incomplete, its answer is not affected: ${kind} ${place}`);
}
