"""Lambda's reports are found in a log, in each form that AWS documents."""

from __future__ import annotations

import base64

from benchmarks.reports import Report, find, in_tail

ID = "6d68ca91-49c9-448d-89b8-7ca3e6dc66aa"
TEXT = (
    f"REPORT RequestId: {ID}\tDuration: 79.67 ms\tBilled Duration: 80 ms\tMemory Size: 128 MB\tMax Memory Used: 73 MB\t"
)
JSON = (  # of the Lambda Developer Guide, Telemetry API Event schema reference: platform.report
    '{"time": "2022-10-12T00:01:15.000Z", "type": "platform.report", "record": {"metrics": {"billedDurationMs": 694,'
    ' "durationMs": 693.92, "initDurationMs": 397.68, "maxMemoryUsedMB": 84, "memorySizeMB": 128}, "requestId":'
    f' "{ID}"}}}}'
)


def test_a_warm_call_in_plain_text() -> None:
    log = f"START RequestId: {ID} Version: $LATEST\nhello\nEND RequestId: {ID}\n{TEXT}\n"

    assert find(log, ID) == Report(duration=79.67, billed=80)


def test_a_cold_call_in_plain_text_with_a_trace_behind_it() -> None:
    log = f"{TEXT}Init Duration: 102.25 ms\t\nXRAY TraceId: 1-5d83c0ad-b8eb\tSegmentId: 31255c3b\tSampled: true"

    assert find(log, ID) == Report(duration=79.67, billed=80, init=102.25)


def test_a_cold_call_in_json() -> None:
    found = find(JSON, ID)

    assert found == Report(duration=693.92, billed=694, init=397.68)
    assert found.latency == 693.92 + 397.68


def test_a_warm_call_in_json_names_no_init() -> None:
    assert find(JSON.replace('"initDurationMs": 397.68, ', ""), ID) == Report(duration=693.92, billed=694)


def test_lines_of_the_tool_and_a_line_cut_in_two_are_passed_over() -> None:
    log = "\n".join(['tMs": 12}}', "", "[1, 2]", "{not json", '{"type": "order", "record": 3}', JSON])

    assert find(log, ID) == Report(duration=693.92, billed=694, init=397.68)


def test_the_tail_of_the_log_comes_with_the_answer_cut_even_inside_a_letter() -> None:
    tail = f"{'ü' * 1900}\n{JSON}\n".encode()[1:]
    answer = {"LogResult": base64.b64encode(tail).decode(), "ResponseMetadata": {"RequestId": ID}}

    assert in_tail(answer) == Report(duration=693.92, billed=694, init=397.68)
    assert in_tail({"ResponseMetadata": {"RequestId": ID}}) is None


def test_the_report_of_another_request_is_not_taken() -> None:
    assert find(f"{TEXT}\n{JSON}", "another") is None
