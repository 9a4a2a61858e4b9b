/**
 * CloudWatch metrics of a call, written as a part of its line in the log: no API is called while a client waits.
 *
 * Embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format"): `_aws` names the members of
 * the same object that are metrics, and those that are their dimensions.
 *
 * Each byte of a line is paid for, so most lines have no `_aws`: Lambda itself counts and times its invocations, and a
 * metric filter on the log counts the calls of tools by what their lines have anyway (telemetry.tf).
 */

import { METRICS } from "../contract.ts";
import type { Members } from "../messages.ts";
import type { Call } from "./calls.ts";

/** Methods of clients in the specifications of all versions; others may be invented. */
export const METHODS: ReadonlySet<string> = new Set([
  "completion/complete",
  "initialize",
  "logging/setLevel",
  "notifications/cancelled",
  "notifications/initialized",
  "notifications/progress",
  "notifications/roots/list_changed",
  "ping",
  "prompts/get",
  "prompts/list",
  "resources/list",
  "resources/read",
  "resources/subscribe",
  "resources/templates/list",
  "resources/unsubscribe",
  "server/discover",
  "subscriptions/listen",
  "tools/call",
  "tools/list",
]);

type Metric = keyof typeof METRICS;
type Dimensions = Readonly<Record<string, string>>;

/** Metrics in all that cost no bytes of `_aws`: Lambda's own Invocations and Duration. */
const COUNTED_BY_LAMBDA: readonly Metric[] = ["calls", "duration"];

/** Metrics of each dimension: every value of it that occurs makes them anew, and CloudWatch bills each by the month. */
const BY_DIMENSION: Readonly<Record<string, readonly Metric[]>> = {
  Tool: ["calls", "duration", "tool_errors"],
  Method: ["calls", "duration"],
  Era: ["calls"],
};

/** Members of the request line that make metrics of it: in all, and by each of the dimensions. */
export function members(call: Call, namespace: string, dimensions: Dimensions): Members {
  const counted: Partial<Record<Metric, number>> = {
    calls: 1,
    duration: call.milliseconds,
    tool_errors: Number(Boolean(call.tool) && call.outcome !== "ok"),
    deadline_hits: Number(call.outcome === "deadline"),
    oversize_answers: Number(call.outcome === "oversize"),
    cold_starts: Number(call.cold),
    request_state_refused: Number(call.stateRefused),
  };
  const present = (Object.keys(counted) as Metric[]).filter((metric) => counted[metric]);
  const sets: [string[], Metric[]][] = [[[], present.filter((metric) => !COUNTED_BY_LAMBDA.includes(metric))]];
  for (const name of Object.keys(dimensions)) {
    sets.push([[name], (BY_DIMENSION[name] ?? []).filter((metric) => present.includes(metric))]);
  }
  const directives = sets.filter(([, named]) => named.length > 0).map((set) => directive(namespace, ...set));
  if (directives.length === 0) return {};
  const shown = new Set<Metric>(sets.flatMap(([, named]) => named));
  const values = Object.fromEntries(
    present.filter((metric) => shown.has(metric)).map((metric) => [METRICS[metric], counted[metric]]),
  );
  return { _aws: { Timestamp: Math.trunc(call.ended), CloudWatchMetrics: directives }, ...values, ...dimensions };
}

/** Dimensions of a call, with values that no client can invent. */
export function dimensionsOf(call: Call, toolCounts: boolean): Dimensions {
  return {
    ...(toolCounts && call.tool && { Tool: call.tool }),
    Method: METHODS.has(call.method ?? "") ? String(call.method) : "other",
    ...(call.era && { Era: call.era }),
  };
}

function directive(namespace: string, dimensions: string[], metrics: readonly Metric[]): Members {
  const named = metrics.map((metric) => ({
    Name: METRICS[metric],
    Unit: metric === "duration" ? "Milliseconds" : "Count",
  }));
  return { Namespace: namespace, Dimensions: [dimensions], Metrics: named };
}
