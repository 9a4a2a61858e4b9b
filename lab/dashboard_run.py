"""Runs a server on the local AWS for a minute, and keeps what its logs say, which docs/dashboard.svg shows.

Some calls fail, one takes longer than it may, some come without a key or too many at once, and some are tasks. Run this
file, and then lab/dashboard.py, to draw the picture from a new run.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import requests

from lab import dashboard, local_aws
from lab.callers import access
from lab.events import Event, handshake, modern, tasks_request, tool_call
from lab.local_aws import LocalAWS

STACK = Path("lab") / "dashboard_stack"
SECONDS, STEP = 60, 5
"""How long the run takes, and the seconds that a point of a curve stands for, as five minutes do on the dashboard."""

PARALLEL, ENVIRONMENTS = 40, 8
"""Clients at once, and environments that stand when the run begins."""

LOGS = {
    "function": "/aws/lambda/orders",
    "worker": "/aws/lambda/orders-tasks",
    "authorizer": "/aws/lambda/orders-authorizer",
}
REPORT = re.compile(r"REPORT RequestId: \S+\tDuration: (?P<milliseconds>[\d.]+) ms")
TOO_MANY = (429, 503)
"""What the gateway answers in place of a function that has no environment left."""

REFUSED = (401, 403)
"""What it answers where the authorizer says no; on AWS a filter of its access log counts these."""


class Sent(NamedTuple):
    """A request, the second of the run at which it is sent, and whether its caller has a key."""

    at: float
    event: Event
    has_key: bool = True


class Answer(NamedTuple):
    """What the gateway answered, when, and after how many milliseconds."""

    time: float
    status: int
    milliseconds: float


class Line(NamedTuple):
    """A line of a log, and when it was written."""

    time: float
    text: str


Points = dict[tuple[str, str], list[tuple[float, float]]]
"""Times and values by source and metric, both as the labels of the dashboard name them."""


def main() -> None:
    """Run it, and write what the picture needs."""
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-dashboard-") as directory:
        work = Path(directory)
        with local_aws.running(work / "ministack.log", port=local_aws.free_port()) as aws:
            copy = work / "copy"
            copy.mkdir()
            terraform = local_aws.stack(local_aws.copy_of_repository(copy, "lab") / STACK, aws.environ)
            terraform.apply()
            outputs = terraform.output()
            url, key = aws.url(outputs["api_id"]), access(aws, outputs)["headers"]
            send([Sent(0, tool_call(modern, "stock", article="A-1", seconds=1))] * ENVIRONMENTS, url, key, time.time())
            begun = time.time()
            answers = send(sorted(plan(), key=lambda sent: sent.at), url, key, begun)
            logs = {source: read(aws, group, begun) for source, group in LOGS.items()}
            shown = aws.client("cloudwatch").get_dashboard(DashboardName="orders-us-east-1")["DashboardBody"]
    dashboard.RUN.write_text(json.dumps(told(logs, answers, begun, json.loads(shown)), indent=2) + "\n")


def plan() -> Iterator[Sent]:
    """What is sent: some calls all the time, more in the middle, and what goes wrong."""
    for quarter in range(4 * SECONDS):
        at, era = quarter / 4, (modern, handshake)[quarter % 3 == 0]
        if quarter % 2 or 20 <= at < 40:
            yield Sent(at, tool_call(era, "price", article="A-1"))
        if quarter % 4 == 0:
            yield Sent(at, tool_call(era, "stock", article="B-2", seconds=0.2 + 0.01 * (at % 20)))
        if 15 <= at < 28 and quarter % 3 == 0:
            yield Sent(at, tool_call(era, "price", article="unknown"))
    yield Sent(10, tool_call(modern, "stock", article="C-3", seconds=60))
    yield from (Sent(48 + 0.02 * n, tool_call(modern, "stock", article="B-2", seconds=2)) for n in range(14))
    yield from (Sent(at, tool_call(modern, "price", article="A-1"), has_key=False) for at in (31, 32, 33, 34))
    yield from (
        Sent(at, tasks_request("tools/call", {"name": "report", "arguments": {"months": months}}))
        for at, months in ((3, 4), (22, 6), (24, "x"), (41, 8))
    )


def send(planned: list[Sent], url: str, key: dict[str, str], begun: float) -> list[Answer]:
    """Send all that is planned, each at its time; the answers."""

    def answer(sent: Sent) -> Answer:
        headers = {name: value for name, value in sent.event["headers"].items() if name != "host"}
        at = time.time()
        other = {"authorization": "Bearer nobody"}
        answered = requests.post(
            url, data=sent.event["body"], headers=headers | (key if sent.has_key else other), timeout=SECONDS
        )
        now = time.time()
        return Answer(now, answered.status_code, (now - at) * 1000)

    with ThreadPoolExecutor(PARALLEL) as pool:
        waiting = []
        for sent in planned:
            time.sleep(max(0, begun + sent.at - time.time()))
            waiting.append(pool.submit(answer, sent))
        return [future.result() for future in waiting]


def read(aws: LocalAWS, group: str, begun: float) -> list[Line]:
    """The lines of a log group since a time."""
    since = {"logGroupName": group, "startTime": int(begun * 1000)}
    pages = aws.client("logs").get_paginator("filter_log_events").paginate(**since)
    return [Line(event["timestamp"] / 1000, event["message"]) for page in pages for event in page["events"]]


def told(logs: dict[str, list[Line]], answers: list[Answer], begun: float, body: dict[str, Any]) -> dict[str, Any]:
    """What the picture shows: the points of each curve, the rows of the tools, and the costs."""
    points = of_gateway(answers) | of_server(logs)
    for source in ("function", "worker"):
        points |= of_function(source, logs[source])
    points["function", "Throttles"] += [(answer.time, 1) for answer in answers if answer.status in TOO_MANY]
    points["server", "AuthRefused"] = [(answer.time, 1) for answer in answers if answer.status in REFUSED]
    points["worker", "AsyncEventAge"] = ages(logs)
    curves = {
        options["label"]: curve(points.get((options["label"].split(": ")[0], path[1]), []), options["stat"], begun)
        for widget in body["widgets"]
        for *path, options in widget["properties"].get("metrics", [])
        if "label" in options and path
    }
    totals = {
        "requests": len(answers),
        "invocations": len(points["function", "Duration"]),
        "milliseconds": sum(value for _, value in points["function", "Duration"]),
        "task_milliseconds": sum(value for _, value in points["worker", "Duration"]),
        "bytes": sum(len(line.text) for line in logs["function"]),
    }
    return {"seconds_a_point": STEP, "curves": curves, "tools": tools(logs["function"]), "totals": totals}


def of_gateway(answers: list[Answer]) -> Points:
    """The metrics that the gateway would make of its answers."""
    return {
        ("api", "Count"): [(answer.time, 1) for answer in answers],
        ("api", "5xx"): [(answer.time, answer.status >= 500) for answer in answers],
        ("api", "Latency"): [(answer.time, answer.milliseconds) for answer in answers],
    }


def of_server(logs: dict[str, list[Line]]) -> Points:
    """The metrics that CloudWatch makes of lines in its embedded metric format."""
    found: Points = defaultdict(list)
    for line in (line for lines in logs.values() for line in objects(lines) if "_aws" in line):
        directives = line["_aws"]["CloudWatchMetrics"]
        for name in {metric["Name"] for directive in directives for metric in directive["Metrics"]}:
            found["server", name].append((line["_aws"]["Timestamp"] / 1000, line[name]))
    return found


def of_function(source: str, lines: list[Line]) -> Points:
    """The metrics that Lambda makes of a function's invocations."""
    reports = [(line.time, float(match["milliseconds"])) for line in lines if (match := REPORT.match(line.text))]
    spans = [(end - milliseconds / 1000, end) for end, milliseconds in reports]
    return {
        (source, "Invocations"): [(end, 1) for end, _ in reports],
        (source, "Errors"): [(end, 0) for end, _ in reports],
        (source, "Throttles"): [(end, 0) for end, _ in reports],
        (source, "Duration"): reports,
        (source, "ConcurrentExecutions"): [
            (begin, sum(other <= begin < end for other, end in spans)) for begin, _ in spans
        ],
    }


def ages(logs: dict[str, list[Line]]) -> list[tuple[float, float]]:
    """How long each task has waited for its worker, in ms."""
    begun = {line["task"]: ended(line) for line in objects(logs["function"]) if line.get("taskStep") == "started"}
    taken = [
        (line["task"], ended(line) - line["durationMs"] / 1000)
        for line in objects(logs["worker"])
        if line.get("task") in begun
    ]
    return [(at, max(0.0, at - begun[task]) * 1000) for task, at in taken]


def ended(line: dict[str, Any]) -> float:
    """The time of a request line."""
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def objects(lines: list[Line]) -> list[dict[str, Any]]:
    """The lines that are JSON."""
    return [json.loads(line.text) for line in lines if line.text.startswith("{")]


def curve(points: list[tuple[float, float]], stat: str, begun: float) -> list[float | None]:
    """A statistic of the points in each step; None: there is none."""
    steps: list[list[float]] = [[] for _ in range(SECONDS // STEP)]
    for at, value in points:
        steps[min(len(steps) - 1, max(0, int((at - begun) // STEP)))].append(value)
    return [round(statistic(values, stat), 1) if values else None for values in steps]


def statistic(values: list[float], stat: str) -> float:
    """`Sum`, `Maximum`, or a percentile such as `p95`."""
    if stat == "Sum":
        return sum(values)
    if stat == "Maximum":
        return max(values)
    share = int(stat.removeprefix("p"))
    return quantiles([*values, max(values)], n=100)[share - 1] if share > 50 else median(values)


def tools(lines: list[Line]) -> list[list[str]]:
    """The rows of the query of the tools, with its headings first."""
    calls: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in objects(lines):
        if "tool" in line and "outcome" in line:
            calls[line["tool"]].append(line)
    rows = [
        [
            tool,
            str(len(found)),
            str(sum(line["outcome"] != "ok" for line in found)),
            *(f"{statistic([line['durationMs'] for line in found], stat):.0f}" for stat in ("p50", "p95", "Maximum")),
        ]
        for tool, found in sorted(calls.items(), key=lambda entry: -len(entry[1]))
    ]
    return [["tool", "calls", "failed", "p50", "p95", "slowest"], *rows]


if __name__ == "__main__":
    main()
