"""What CloudWatch and X-Ray make of a call."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from lab.events import modern, tool_call
from mcp_lambda_host.contract import METRIC_NAMESPACE, METRICS

from .calls import Run, until
from .rows import Group, Seen, When

GROUP = Group("logs, metrics and traces")

ARRIVE_SECONDS = 300
"""Within which CloudWatch has what was logged or counted."""

NO_METRICS = "it makes no metrics of logs"

REPORTS, STARTS = '{ $.type = "platform.report" }', '{ $.type = "platform.start" }'
"""Patterns of Lambda's own lines."""


@GROUP.row("a JSON object with outcome, tool and requestId", "open")
def request_line(run: Run) -> Seen:
    """Each request line is an event of its own in the function's log."""
    run.call("open", "version")
    found = until(ARRIVE_SECONDS, lambda: _line(run, "open"))
    keys = [key for key in ("outcome", "tool", "requestId") if key in (found or {})]
    return Seen(len(keys) == 3, ", ".join(keys) or "no such event")


@GROUP.row("ColdStarts has values", "open", not_emulated=NO_METRICS)
def metrics_in_the_log(run: Run) -> Seen:
    """CloudWatch makes metrics of request lines that are written through Lambda's framed JSON log."""
    return _has_values(run, "open", METRICS["cold_starts"])


@GROUP.row("ToolCalls has values", "guarded", not_emulated=NO_METRICS)
def metrics_below_the_level(run: Run) -> Seen:
    """With log_level ERROR, the filter on the log counts calls of tools that went well all the same."""
    run.call("guarded", "version", run.credentials("guarded"))
    return _has_values(run, "guarded", METRICS["tool_calls"])


@GROUP.row("AuthRefused has values", "guarded", not_emulated=NO_METRICS)
def metric_filter(run: Run) -> Seen:
    """The filter on the access log counts what the gateway refuses."""
    run.send("guarded", "GET")
    return _has_values(run, "guarded", METRICS["auth_refused"])


@GROUP.row("a line with the status 401", "guarded", not_emulated="it writes no access log")
def access_log(run: Run) -> Seen:
    """What the gateway refuses is in the access log, in a group under /aws/vendedlogs/."""
    run.send("guarded", "GET")
    found = until(ARRIVE_SECONDS, lambda: events(run, run.outputs["guarded"]["front_log_group_name"], '"401"'))
    line = json.loads(found[0]) if found else {}
    keys = ("status", "request", "error")
    return Seen(line.get("status") == "401", ", ".join(f"{key} {line[key]}" for key in keys if key in line) or "none")


@GROUP.row("a report that is no success, and no start", "open", not_emulated="it writes no lines of Lambda's own")
def report_of_a_failed_call(run: Run) -> Seen:
    """With system_log_level WARN, Lambda writes the report of a call that ended its process, and of no other."""
    run.call("open", "version")
    run.post("open", tool_call(modern, "end"))
    lines = until(ARRIVE_SECONDS, lambda: events(run, run.outputs["open"]["log_group_name"], REPORTS))
    statuses = {json.loads(line)["record"]["status"] for line in lines or []}
    starts = events(run, run.outputs["open"]["log_group_name"], STARTS) or []
    holds = bool(statuses) and "success" not in statuses and not starts
    return Seen(holds, f"reports: {', '.join(sorted(statuses)) or 'none'}; {len(starts)} starts")


@GROUP.row("no settings and no group, behind either front", "guarded", "rest", when=When.CHANGED)
def access_log_switched_off(run: Run) -> Seen:
    """A stage whose access log is switched off writes none any more, in the apply that deletes the log group."""
    http = run.client("apigatewayv2").get_stage(ApiId=run.outputs["guarded"]["api_id"], StageName="$default")
    rest = run.client("apigateway").get_stage(restApiId=run.outputs["rest"]["api_id"], stageName="live")
    settings = [http.get("AccessLogSettings"), rest.get("accessLogSettings")]
    groups = [run.outputs[part]["front_log_group_name"] for part in ("guarded", "rest")]
    return Seen(not any([*settings, *groups]), f"{settings}, {groups}")


@GROUP.row("both groups have the key, and lines", "keyed", not_emulated="it encrypts nothing")
def logs_under_a_key(run: Run) -> Seen:
    """CloudWatch Logs writes the function's log and the access log under a KMS key with the policy that docs/ shows."""
    run.call("keyed", "version", run.credentials("keyed"))
    server = run.outputs["keyed"]
    groups = [server["log_group_name"], server["front_log_group_name"]]
    written = [until(ARRIVE_SECONDS, partial(events, run, name)) is not None for name in groups]
    keys = [_key_of(run, name) == server["key_arn"] for name in groups]
    return Seen(all([*written, *keys]), f"lines in {sum(written)} of 2, the key in {sum(keys)} of 2")


@GROUP.row("the answer of the second round", "keyed")
def request_state_under_a_key(run: Run) -> Seen:
    """The host opens the request-state keys under a KMS key, with the right that its role has."""
    headers = run.credentials("keyed")
    state = run.call("keyed", "ask", headers)["result"]["requestState"]
    answers = {"sure": {"action": "accept", "content": {}}}
    result = run.ask("keyed", headers, name="ask", arguments={}, inputResponses=answers, requestState=state)["result"]
    text = result["content"][0]["text"]
    return Seen(text.startswith("asked "), text)


@GROUP.row("all complete", "open", not_emulated="it saves no queries")
def saved_queries(run: Run) -> Seen:
    """CloudWatch Logs Insights understands each saved query."""
    logs, now = run.client("logs"), int(time.time())
    prefix = f"mcp/{run.outputs['open']['function_name']}/"
    states = {}
    for query in logs.describe_query_definitions(queryDefinitionNamePrefix=prefix)["queryDefinitions"]:
        begun = logs.start_query(
            logGroupNames=query["logGroupNames"], startTime=now - 3600, endTime=now, queryString=query["queryString"]
        )["queryId"]
        states[query["name"].removeprefix(prefix)] = until(60, partial(_ended, logs, begun), every=1)
    seen = ", ".join(f"{name} {state}" for name, state in states.items())
    return Seen(len(states) == 4 and set(states.values()) == {"Complete"}, seen or "no queries")


@GROUP.row("no message", "open", "dashboard", not_emulated="it looks at no dashboard")
def dashboard(run: Run) -> Seen:
    """CloudWatch has nothing to say against the dashboard."""
    cloudwatch, name = run.client("cloudwatch"), run.outputs["dashboard"]
    body = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    said = cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body).get("DashboardValidationMessages", [])
    return Seen(not said, "; ".join(f"{each['DataPath']}: {each['Message']}" for each in said) or "no message")


@GROUP.row("a trace with a subsegment for the tool", "open", not_emulated="it has no X-Ray")
def tool_in_a_trace(run: Run) -> Seen:
    """X-Ray takes the host's subsegment of a tool's call."""
    for _ in range(10):
        run.call("open", "version")
    name = run.outputs["open"]["function_name"]
    found = until(ARRIVE_SECONDS, partial(_is_traced, run, name), every=15)
    return Seen(bool(found), "a subsegment with the outcome" if found else "no such subsegment")


def _line(run: Run, part: str) -> dict[str, Any] | None:
    """The newest request line of a part."""
    for message in reversed(events(run, run.outputs[part]["log_group_name"], "outcome") or []):
        if message.startswith("{") and "outcome" in (line := json.loads(message)):
            return dict(line)
    return None


def events(run: Run, group: str, pattern: str = "") -> list[str] | None:
    """Messages of the last hour; None: there are none."""
    since = int((time.time() - 3600) * 1000)
    wanted = {"filterPattern": pattern} if pattern else {}
    pages = run.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=group, startTime=since, **wanted)
    return [event["message"] for page in found for event in page["events"]] or None


def _has_values(run: Run, part: str, metric: str) -> Seen:
    """Whether a metric of a part gets values."""
    namespace = f"{METRIC_NAMESPACE}/{run.outputs[part]['function_name']}"
    total = until(ARRIVE_SECONDS, lambda: sum_of(run, namespace, metric), every=15)
    return Seen(bool(total), f"the sum of {metric} is {total:g}" if total else f"no {metric}")


def sum_of(run: Run, namespace: str, metric: str, **dimensions: str) -> float:
    """The sum of a metric in the last two hours; 0: there is none."""
    now = datetime.now(UTC)
    points = run.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=2),
        EndTime=now,
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def _key_of(run: Run, group: str) -> str | None:
    (found,) = run.client("logs").describe_log_groups(logGroupNamePrefix=group, limit=1)["logGroups"]
    key: str | None = found.get("kmsKeyId")
    return key


def _ended(logs: Any, query: str) -> str | None:
    status: str = logs.get_query_results(queryId=query)["status"]
    return None if status in ("Scheduled", "Running") else status


def _is_traced(run: Run, function: str) -> bool:
    """Whether a trace of a function has what the host annotates."""
    xray, now = run.client("xray"), datetime.now(UTC)
    found = xray.get_trace_summaries(
        StartTime=now - timedelta(minutes=30), EndTime=now, FilterExpression=f'service("{function}")'
    )["TraceSummaries"]
    ids = [summary["Id"] for summary in found[:5]]  # as many as can be asked for at once
    traces = xray.batch_get_traces(TraceIds=ids)["Traces"] if ids else []
    return any('"outcome"' in segment["Document"] for trace in traces for segment in trace["Segments"])
