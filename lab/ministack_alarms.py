"""Alarms as CloudWatch evaluates them, for MiniStack, which has neither their dimensions nor metric math.

MiniStack 1.5.33 adds up all metrics of a name whatever their dimensions, takes the periods of an alarm for one, leaves
an alarm as it is when there is no data, drops `Metrics` from PutMetricAlarm, and leaves most of an alarm out of
DescribeAlarms in XML. Imported by ministack_server.py.
"""

import json
import re
import time
from xml.sax.saxutils import escape

from ministack.services import cloudwatch

COMPARISONS = {"GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold}
"""The only one that the module uses; any other fails loudly."""

FUNCTIONS = {"IF": lambda condition, true, false: true if condition else false}
"""Functions of metric math that the module uses (CloudWatch User Guide, Using math expressions: functions)."""


def replace_evaluation():
    """Put the functions below in the place of MiniStack's."""
    put_alarm, describe_alarms = cloudwatch._put_metric_alarm, cloudwatch._describe_alarms

    def put_with_queries(params, cbor_data, is_cbor, is_json=False):
        request = cbor_data if is_cbor or is_json else _nested(params)
        answer = put_alarm(params, cbor_data, is_cbor, is_json)
        alarm = cloudwatch._alarms.get(request["AlarmName"])
        if alarm is not None and request.get("Metrics"):
            alarm["Metrics"] = request["Metrics"]
        return answer

    def describe_wholly(params, cbor_data, is_cbor, is_json=False):
        if is_cbor or is_json:
            return describe_alarms(params, cbor_data, is_cbor, is_json)
        answer = describe_alarms(params, _nested(params), False, True)
        if answer[0] != 200:
            return describe_alarms(params, cbor_data, is_cbor, is_json)
        described = json.loads(answer[2])
        for alarm in described["MetricAlarms"]:
            if alarm.get("Metrics"):  # each has its own period and statistic
                alarm |= {"Period": None, "Statistic": None}
            if alarm.get("ExtendedStatistic"):  # in the place of the other
                alarm["Statistic"] = None
        return cloudwatch._xml(
            200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{_xml(described)}</DescribeAlarmsResult>"
        )

    cloudwatch._put_metric_alarm = put_with_queries
    cloudwatch._describe_alarms = describe_wholly
    cloudwatch._evaluate_alarm = evaluate


def evaluate(alarm):
    """Set the state of an alarm, and notify its topics if it is another than before.

    "The alarm goes into ALARM state when M of the last N data points are breaching" (User Guide, Evaluating an alarm);
    a period without data counts as TreatMissingData says.
    """
    breaching = COMPARISONS[alarm["ComparisonOperator"]]
    periods = alarm["EvaluationPeriods"]
    values = [value_of(alarm, periods_ago) for periods_ago in range(periods)]
    missing = alarm["TreatMissingData"] == "breaching"
    found = sum(missing if value is None else breaching(value, alarm["Threshold"]) for value in values)
    old, new = alarm["StateValue"], "ALARM" if found >= alarm.get("DatapointsToAlarm", periods) else "OK"
    if new == old:
        return
    reason = f"{values} against {alarm['Threshold']}"
    alarm |= {"StateValue": new, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)


def value_of(alarm, periods_ago):
    """What an alarm looks at, in the last period (0) or an earlier one; None without data."""
    if not alarm.get("Metrics"):
        statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]
        return statistic_of(alarm, statistic, alarm["Period"], periods_ago)
    (expression,) = [query["Expression"] for query in alarm["Metrics"] if query.get("Expression")]
    metrics = {query["Id"]: query["MetricStat"] for query in alarm["Metrics"] if query.get("MetricStat")}
    values = {
        name: statistic_of(metric["Metric"], metric["Stat"], int(metric["Period"]), periods_ago)
        for name, metric in metrics.items()
    }
    if None in values.values():  # an operation on a data point and a missing one is a missing one
        return None
    return eval(expression, {"__builtins__": {}}, FUNCTIONS | values)  # noqa: S307  (from our own alarms)


def statistic_of(metric, statistic, period, periods_ago):
    """A statistic of the metric with exactly these dimensions."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    points = cloudwatch._metrics.get((metric["Namespace"], metric["MetricName"], dimensions), [])
    end = time.time() - periods_ago * period
    points = [point for point in points if end - period <= point["Timestamp"] < end]
    return cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points) if points else None


def _nested(params):
    """The lists and structures in the parameters of AWS's query protocol (`Metrics.member.1.Id`)."""
    request = {}
    for name in sorted(params, key=lambda name: [int(part) if part.isdigit() else 0 for part in name.split(".")]):
        *path, last = re.sub(r"\.member\.", ".", name).split(".")
        node = request
        for part in path:
            node = node.setdefault(part, {})
        node[last] = params[name][0] if isinstance(params[name], list) else params[name]
    return _listed(request)


def _listed(node):
    """Structures whose keys are all numbers, as lists."""
    if not isinstance(node, dict):
        return node
    values = {key: _listed(value) for key, value in node.items()}
    return list(values.values()) if values and all(key.isdigit() for key in values) else values


def _xml(node, name=""):
    """Structures, lists and values as AWS's query protocol answers them."""
    if isinstance(node, dict):
        return "".join(f"<{key}>{_xml(value, key)}</{key}>" for key, value in node.items() if value is not None)
    if isinstance(node, list):
        return "".join(f"<member>{_xml(value)}</member>" for value in node)
    if isinstance(node, bool):
        return str(node).lower()
    if name.endswith("Timestamp"):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(node))
    return escape(str(node))
