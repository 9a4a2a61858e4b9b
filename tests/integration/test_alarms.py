"""Every alarm of the module, driven to ALARM and back on the local AWS, as its topic hears it; and the dashboard."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from lab import dashboard
from lab.events import modern
from lab.readme import hcl
from tests.integration.conftest import Endpoint
from tests.integration.on_call import listen, put, tick

ALARMS = list(hcl("alarm_table.tf")["locals"][0]["alarm_table"])
SOON = 4.0
"""Seconds after which what breaches has left an alarm's last period: it is put that close to the period's end."""

Alarm = dict[str, Any]
Heard = dict[str, list[str]]


@pytest.fixture(scope="module")
def watched(deploy_stack: Callable[..., Endpoint]) -> Endpoint:
    """The tests' stack with keys, tasks and an environment ahead, so that it has all alarms but those of a login."""
    parameter = "arn:aws:ssm:us-east-1:000000000000:parameter/nobody/asks"
    return deploy_stack(
        "watched",
        auth={"type": "token", "ssm_parameter": parameter},
        dashboard=True,
        provisioned_concurrency={"environments": 1},
        tasks={"tools": {"wait": "optional"}, "timeout_seconds": 30, "reserved_concurrency": 1},
    )


@pytest.fixture(scope="module")
def alarms(watched: Endpoint, login_endpoint: Endpoint) -> dict[str, Alarm]:
    """The alarms as CloudWatch describes them, by the module's keys."""
    arns = login_endpoint.outputs["alarm_arns"] | watched.outputs["alarm_arns"]
    names = {key: arn.rsplit(":", 1)[1] for key, arn in arns.items()}
    described = watched.client("cloudwatch").describe_alarms(AlarmNames=list(names.values()))["MetricAlarms"]
    by_name = {alarm["AlarmName"]: alarm for alarm in described}
    return {key: by_name[name] for key, name in names.items()}


@pytest.fixture(scope="module")
def heard(watched: Endpoint, login_endpoint: Endpoint, alarms: dict[str, Alarm]) -> Heard:
    """The states that the topics were told of, by alarm: all alarms breach together, and are left to calm down."""
    states: Heard = {key: [] for key in alarms}
    keys = {alarm["AlarmName"]: key for key, alarm in alarms.items()}
    topics = [listen(watched), listen(login_endpoint)]
    begun = time.time()
    for alarm in alarms.values():
        put(watched, breaching(alarm, begun))
    end = time.monotonic() + 30
    while time.monotonic() < end and any(len(told) < 2 for told in states.values()):
        tick(watched)
        for message in chain.from_iterable(map(next, topics)):
            states[keys[message["AlarmName"]]].append(message["NewStateValue"])
    return states


@pytest.mark.parametrize("key", ALARMS)
def test_an_alarm_rings_and_calms_down_and_its_topic_is_told_both_times(key: str, heard: Heard) -> None:
    assert heard[key] == ["ALARM", "OK"]


@pytest.mark.parametrize(
    ("failures", "total", "state"),
    [(1, 1, "OK"), (2, 2, "OK"), (3, 3, "ALARM"), (3, 31, "OK"), (3, 30, "ALARM"), (99, 1000, "OK")],
)
def test_a_share_rings_from_three_failures_on(
    failures: int, total: int, state: str, watched: Endpoint, alarms: dict[str, Alarm]
) -> None:
    name = f"{failures}-of-{total}"  # an alarm that is told of nothing else
    counted = {"failures": failures, "total": total}
    expression = next(query["Expression"] for query in alarms["tool_error_rate"]["Metrics"] if "Expression" in query)
    stats = {id: {"Metric": {"Namespace": name, "MetricName": id}, "Period": 300, "Stat": "Sum"} for id in counted}
    cloudwatch = watched.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[
            *({"Id": id, "MetricStat": stat, "ReturnData": False} for id, stat in stats.items()),
            {"Id": "share", "Expression": expression},
        ],
        **{key: alarms["tool_error_rate"][key] for key in ("Threshold", "ComparisonOperator", "EvaluationPeriods")},
        TreatMissingData="notBreaching",
    )

    put(watched, [point(stats[id], value) for id, value in counted.items()])

    (evaluated,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert evaluated["StateValue"] == state


def test_the_functions_alarms_look_at_metrics_that_calls_emit(watched: Endpoint, alarms: dict[str, Alarm]) -> None:
    # Directly: of calls that come by way of its gateway, the emulator counts only those it throttles.
    event = json.dumps(modern("tools/list")).encode()
    watched.client("lambda").invoke(FunctionName="watched", Qualifier="live", Payload=event)
    cloudwatch = watched.client("cloudwatch")

    for key in ("function_errors", "throttles", "p95_duration"):
        (dimension,) = alarms[key]["Dimensions"]
        found = cloudwatch.list_metrics(Namespace="AWS/Lambda", MetricName=alarms[key]["MetricName"])["Metrics"]
        assert [dimension] in [metric["Dimensions"] for metric in found]


def test_the_dashboard_is_what_its_picture_shows_with_the_alarms_that_there_are(watched: Endpoint) -> None:
    body = json.loads(watched.client("cloudwatch").get_dashboard(DashboardName="watched-us-east-1")["DashboardBody"])
    (listed,) = [widget["properties"]["alarms"] for widget in body["widgets"] if widget["type"] == "alarm"]
    regions = {widget["properties"].get("region", "us-east-1") for widget in body["widgets"]}

    assert words(dashboard.draw(body, dashboard.recorded())) == words(dashboard.PICTURE.read_text())
    assert sorted(listed) == sorted(watched.outputs["alarm_arns"].values())
    assert regions == {"us-east-1"}


def words(picture: str) -> list[str]:
    """All texts of a picture but figures, which are of a stack's own limits."""
    texts: list[str] = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    return [text for text in texts if re.search("[A-Za-z]", text)]


def breaching(alarm: Alarm, now: float) -> list[Alarm]:
    """Points that reach the threshold in each period of an alarm, of which the first soon goes out of its sight."""
    if alarm.get("Metrics"):
        first = now - int(metric(alarm, "total")["Period"]) + SOON
        return [point(metric(alarm, name), 10, first) for name in ("failures", "total")]
    of = {"Metric": {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}}
    times = [now - (periods + 1) * alarm["Period"] + SOON for periods in range(alarm["EvaluationPeriods"])]
    return [point(of, alarm["Threshold"], at) for at in times]


def metric(alarm: Alarm, name: str) -> Alarm:
    """A metric of an alarm's metric math."""
    found: Alarm = next(query["MetricStat"] for query in alarm["Metrics"] if query["Id"] == name)
    return found


def point(of: Alarm, value: float, at: float | None = None) -> Alarm:
    """A data point of exactly the metric that an alarm looks at, for PutMetricData."""
    return {**of["Metric"], "Value": value, "Timestamp": at or time.time() - 1}
