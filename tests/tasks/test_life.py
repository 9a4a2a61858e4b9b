"""The life of a task, from the call that makes it to its end."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from lab.events import TASKS, Era, handshake, message_of, modern, tasks_request, text_of, tool_call
from tests.tasks.conftest import TTL_SECONDS, WORKER, Serve, Server


def test_a_call_becomes_a_task_that_a_worker_completes(serve: Serve) -> None:
    server = serve()

    task = server.call("report", text="sales")

    assert task["resultType"] == "task"
    assert (task["status"], task["ttlMs"], task["pollIntervalMs"]) == ("working", TTL_SECONDS * 1000, 1000)
    assert task["createdAt"] == task["lastUpdatedAt"]
    (arn, event), *_ = server.relay.invoked
    assert arn == WORKER
    assert event["requestContext"]["task"] == {"id": task["taskId"], "round": 0}
    assert server.get(task)["status"] == "working"

    server.work()

    done = server.get(task)
    assert (done["resultType"], done["status"]) == ("complete", "completed")
    assert done["result"]["content"] == [{"type": "text", "text": "sales"}]
    assert "statusMessage" not in done


def test_a_client_without_the_extension_gets_the_plain_answer_at_no_cost(serve: Serve) -> None:
    server = serve()

    for era in (modern, handshake):
        assert text_of(server.front(tool_call(era, "report", text="sales"))) == "sales"
    assert server.relay.asked == []


@pytest.mark.parametrize("era", [modern, handshake])
def test_a_tool_that_is_always_a_task_names_the_extension_to_clients_without_it(serve: Serve, era: Era) -> None:
    error = message_of(serve().front(tool_call(era, "refuse")))["error"]

    assert error["code"] == -32021
    assert error["data"] == {"requiredCapabilities": {"extensions": {TASKS: {}}}}


def test_a_tool_that_is_not_named_answers_at_once(serve: Serve) -> None:
    server = serve(tasks={"tools": {"wait": "optional"}})

    assert server.call("report")["content"][0]["text"] == "done"
    assert server.relay.asked == []


def test_the_extension_is_advertised_and_its_older_methods_are_unknown(serve: Serve) -> None:
    server = serve()

    assert server.ask(modern("server/discover"))["capabilities"]["extensions"] == {TASKS: {}}
    for method in ("tasks/list", "tasks/result"):
        assert server.ask(tasks_request(method, {"taskId": "a"}))["code"] == -32601


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
def test_a_method_asks_for_the_extension_a_known_task_and_its_name_in_the_header(serve: Serve, method: str) -> None:
    server = serve()
    task = server.call("report")
    params = {"taskId": task["taskId"], "inputResponses": {}}

    plain = server.ask(modern(method, params))
    unknown = server.ask(tasks_request(method, {**params, "taskId": "unknown"}))
    other = server.ask(tasks_request(method, params, mcp_name="another"))

    assert (plain["code"], unknown["code"], other["code"]) == (-32021, -32602, -32020)
    assert server.get(task)["status"] == "working"


def test_only_the_caller_who_made_a_task_can_ask_for_it(serve: Serve) -> None:
    server = serve(auth_type="jwt")
    call = tasks_request("tools/call", {"name": "report", "arguments": {}}, caller="ada")
    task = server.ask(call)
    server.work()

    for ask in (server.get, server.cancel):
        assert ask(task, caller="eve") == {"code": -32602, "message": "There is no such task, or it has expired."}
    assert server.update(task, {"0.name": "Eve"}, caller="eve")["code"] == -32602
    assert server.get(task, caller="ada")["status"] == "completed"
    assert "ada" not in json.dumps(server.item(task), default=str)


def test_the_worker_sees_the_callers_identity_and_no_credentials(serve: Serve) -> None:
    server = serve(auth_type="jwt")
    secret = {"authorization": "Bearer s3cret", "cookie": "s3cret", "x_key": "s3cret", "x_trace": "7"}
    call = tasks_request("tools/call", {"name": "seen", "arguments": {}}, caller="ada", **secret)
    task = server.ask(call)
    (_, event) = server.relay.invoked[0]

    server.work()

    seen = server.get(task, caller="ada")["result"]["structuredContent"]["result"]
    assert "x-trace" in seen
    assert {"authorization", "cookie", "x-key"} & set(seen) == set()
    assert "s3cret" not in json.dumps(event)


def test_a_call_without_the_tools_scopes_makes_no_task(serve: Serve) -> None:
    server = serve(auth_type="jwt", required_scopes={"tools/report": frozenset({"write"})})

    refused = server.ask(tasks_request("tools/call", {"name": "report", "arguments": {}}, caller="ada"))

    assert refused["code"] == 403
    assert server.relay.asked == []


def test_a_tools_own_failure_is_a_result_and_an_error_of_the_protocol_is_a_failed_task(serve: Serve) -> None:
    server = serve()
    failed, refused, left = (server.call(tool) for tool in ("fail", "refuse", "leave"))

    server.work()

    failed, refused, left = map(server.get, (failed, refused, left))
    assert (failed["status"], failed["result"]["isError"]) == ("completed", True)
    assert refused["status"] == "failed"
    assert refused["error"] == {"code": -32050, "message": "no such printer", "data": {"printer": 3}}
    assert refused["statusMessage"] == "no such printer"
    assert (left["status"], "result" in left) == ("failed", False)


def test_a_task_asks_its_client_and_goes_on_with_the_answer(serve: Serve) -> None:
    server = serve()
    task = server.call("ask")
    server.work()

    waiting = server.get(task)
    assert waiting["status"] == "input_required"
    (key,) = waiting["inputRequests"]
    assert waiting["inputRequests"][key]["method"] == "elicitation/create"
    assert "requestState" not in waiting
    assert server.update(task, {"unknown": "x"})["resultType"] == "complete"
    assert server.get(task)["status"] == "input_required"

    acknowledged = server.update(task, {key: "Ada"})

    assert acknowledged.keys() <= {"resultType", "_meta"}
    assert server.get(task)["status"] == "working"
    server.work()
    assert server.get(task)["result"]["content"][0]["text"] == "Hello, Ada, first"
    assert server.update(task, {key: "Eve"})["resultType"] == "complete"


def test_questions_can_be_answered_one_by_one(serve: Serve) -> None:
    server = serve()
    task = server.call("ask_both")
    server.work()
    first, second = server.get(task)["inputRequests"]

    server.update(task, {first: "x"})

    waiting = server.get(task)
    assert (waiting["status"], list(waiting["inputRequests"])) == ("input_required", [second])
    assert server.relay.invoked == []
    server.update(task, {first: "z", second: "y"})
    server.work()
    assert server.get(task)["result"]["content"][0]["text"] == "xy"


def test_a_tool_may_ask_the_same_again_but_by_another_key(serve: Serve) -> None:
    server = serve(tasks={"tools": {"ask_twice": "optional"}})
    task = server.call("ask_twice")
    keys = []
    for name in "xy":
        server.work()
        (key,) = server.get(task)["inputRequests"]
        keys.append(key)
        server.update(task, {key: name})
    server.work()

    assert len(set(keys)) == 2
    assert server.get(task)["result"]["content"][0]["text"] == "xy"


def test_a_tool_that_asks_first_is_a_task_once_it_was_answered(serve: Serve) -> None:
    server = serve()

    asked = server.call("ask_twice")
    assert asked["resultType"] == "input_required"
    assert server.relay.asked == []
    answers = {"name": {"action": "accept", "content": {"name": "x"}}}
    round_two = {"name": "ask_twice", "arguments": {}, "inputResponses": answers, "requestState": asked["requestState"]}
    task = server.ask(tasks_request("tools/call", round_two))
    assert task["resultType"] == "task"
    assert task.keys() & {"requestState", "inputRequests"} == set()
    assert asked["requestState"] not in json.dumps(server.relay.invoked)

    server.work()
    (key,) = server.get(task)["inputRequests"]
    server.update(task, {key: "y"})
    server.work()
    assert server.get(task)["result"]["content"][0]["text"] == "xy"


def test_what_a_tool_reports_is_the_tasks_message_while_it_works(serve: Serve) -> None:
    server = serve()
    steps, words = server.call("wait", seconds=1.5), server.call("talk")
    messages = []
    for task in (steps, words):
        (_, event) = server.relay.invoked.pop(0)
        worker = threading.Thread(target=server.worker, args=[event])
        worker.start()
        messages.append(until(partial(message_of_task, server, task)))
        worker.join()
        assert message_of_task(server, task) is None

    assert re.fullmatch(r"\d+ of 15", messages[0])
    assert messages[1] == "half done"


def test_a_client_is_asked_to_come_less_often_as_time_passes(serve: Serve) -> None:
    server = serve()
    task = server.call("report")
    intervals = []
    for seconds in (30, 200):
        server.turn_back(task, seconds, "created")
        intervals.append(round(server.get(task)["pollIntervalMs"], -3))

    assert intervals == [3000, 10000]


def test_a_cancelled_task_never_begins(serve: Serve) -> None:
    server = serve()
    task, parked = server.call("report"), server.call("ask")
    server.relay.invoked.reverse()
    server.worker(server.relay.invoked.pop(0)[1])

    assert server.cancel(task)["resultType"] == server.cancel(parked)["resultType"] == "complete"
    server.work()

    assert (server.get(task)["status"], server.get(parked)["status"]) == ("cancelled", "cancelled")
    assert server.cancel(task)["resultType"] == "complete"


@pytest.mark.parametrize("tool", ["wait", "block"])
def test_a_cancelled_tool_is_no_longer_waited_for(serve: Serve, tool: str) -> None:
    server = serve()
    task = server.call(tool, seconds=9)
    begun = time.monotonic()

    with running(server):
        until(lambda: "lease" in server.item(task))
        server.cancel(task)

    assert time.monotonic() - begun < 8
    assert server.get(task)["status"] == "cancelled"


def test_a_task_is_gone_once_its_time_is_over(serve: Serve) -> None:
    server = serve()
    task = server.call("report")
    server.turn_back(task, TTL_SECONDS + 1, "expires")

    server.work()

    assert server.get(task)["code"] == -32602
    assert server.item(task)["status"] == {"S": "working"}


def test_a_client_that_never_rests_gets_its_answers(serve: Serve) -> None:
    server = serve()
    task = server.call("wait", seconds=1)

    with running(server):
        seen = [server.get(task)["status"] for _ in range(100)]

    assert set(seen) <= {"working", "completed"}
    assert server.get(task)["status"] == "completed"


def message_of_task(server: Server, task: dict[str, Any]) -> str | None:
    return server.get(task).get("statusMessage")


@contextmanager
def running(server: Server) -> Iterator[None]:
    """The worker at work, until it has done all."""
    worker = threading.Thread(target=server.work)
    worker.start()
    yield
    worker.join()


def until(found: Callable[[], Any]) -> Any:
    """What a function finds, which is asked again until it does."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if seen := found():
            return seen
    raise AssertionError("it was never found")
