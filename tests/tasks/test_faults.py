"""Nothing is lost and nothing runs twice, whatever fails at whatever moment."""

from __future__ import annotations

import json
import random
import threading
from typing import Any

import pytest

from lab.events import Context, tasks_request
from lab.local_aws import LocalAWS
from mcp_lambda_aws.service import ServiceError
from tests.tasks.aws import BROKEN, LOST, THROTTLED, Asked, Fault
from tests.tasks.conftest import QUEUE_SECONDS, WORKER, Serve
from tests.tasks.test_life import running, until

INCOMPRESSIBLE = random.Random(0).randbytes(480_000).hex()  # noqa: S311 (no secret)
PASSING = {"throttled": THROTTLED, "broken": BROKEN, "lost": LOST}


def text_of(task: dict[str, Any]) -> str:
    text: str = task["result"]["content"][0]["text"]
    return text


def test_an_event_that_is_delivered_twice_runs_once(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve()
    task = server.call("report")
    (_, event) = server.relay.invoked[0]

    server.work()
    done = server.item(task)
    server.worker(event)

    assert server.item(task) == done
    assert server.relay.operations().count("UpdateItem") == 3  # the second delivery tried to claim, and no more


def test_two_deliveries_at_once_run_once(serve: Serve) -> None:
    server = serve()
    task = server.call("wait", seconds=0.5)
    (_, event) = server.relay.invoked.pop()

    workers = [threading.Thread(target=server.worker, args=[event]) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert server.get(task)["status"] == "completed"
    finished = [asked for asked in server.relay.asked if ":new_outcome" in json.dumps(asked.arguments)]
    assert len(finished) == 1


def test_two_updates_at_once_run_the_next_round_once(serve: Serve) -> None:
    server = serve()
    task = server.call("ask_both")
    server.work()
    both = server.get(task)["inputRequests"]

    updates = [threading.Thread(target=server.update, args=[task, {key: name}]) for key in both for name in "xx"]
    for update in updates:
        update.start()
    for update in updates:
        update.join()
    server.work()

    assert text_of(server.get(task)) == "xx"
    finished = [asked for asked in server.relay.asked if ":new_outcome" in json.dumps(asked.arguments)]
    assert len(finished) == 1


@pytest.mark.parametrize("first", ["cancel", "worker"])
def test_of_a_cancel_and_a_completion_the_first_one_holds(serve: Serve, first: str) -> None:
    server = serve()
    task = server.call("wait", seconds=0.3)
    held = threading.Event()

    def hold(asked: Asked) -> Fault | None:
        if ":new_outcome" in json.dumps(asked.arguments) and first == "cancel":
            server.relay.fails = lambda asked: None
            server.cancel(task)
            held.set()
        return None

    server.relay.fails = hold
    server.work()
    server.cancel(task)

    assert server.get(task)["status"] == ("cancelled" if first == "cancel" else "completed")
    assert ("outcome" in server.item(task)) == (first == "worker")
    assert held.is_set() == (first == "cancel")


def test_a_task_whose_worker_died_fails_once_it_is_asked_for(serve: Serve) -> None:
    server = serve()
    task = server.call("report")
    server.relay.fails = lambda asked: Fault(403, "Killed") if ":new_outcome" in json.dumps(asked.arguments) else None
    with pytest.raises(ServiceError, match="403 Killed"):
        server.work()
    server.relay.fails = lambda asked: None

    assert server.get(task)["status"] == "working"
    server.turn_back(task, 61, "lease")

    failed = server.get(task)
    assert (failed["status"], failed["error"]["code"]) == ("failed", 500)
    assert "ended without a word" in failed["statusMessage"]
    assert server.get(task)["lastUpdatedAt"] == failed["lastUpdatedAt"]


def test_a_worker_that_was_taken_for_dead_cannot_end_the_task_again(serve: Serve) -> None:
    server = serve()
    task = server.call("block", seconds=1)

    with running(server):
        until(lambda: "lease" in server.item(task))
        server.turn_back(task, 61, "lease")
        assert server.get(task)["status"] == "failed"

    assert server.get(task)["status"] == "failed"


def test_a_task_that_no_worker_takes_fails_in_the_end_and_stays_failed(serve: Serve) -> None:
    server = serve()
    task = server.call("report")
    server.turn_back(task, QUEUE_SECONDS + 1, "queued")

    failed = server.get(task)
    server.work()

    assert failed["error"] == {"code": 503, "message": "No worker was free within 1800 s."}
    assert server.get(task)["status"] == "failed"


@pytest.mark.parametrize("tool", ["wait", "block"])
def test_a_worker_past_its_time_fails_its_task_before_lambda_kills_it(serve: Serve, tool: str) -> None:
    server = serve()
    task = server.call(tool, seconds=3)
    context = Context(4.2)

    (_, event) = server.relay.invoked.pop()
    server.worker(event, context.seconds)

    failed = server.get(task)
    assert (failed["status"], failed["error"]["code"]) == ("failed", 504)
    assert "tasks.timeout_seconds" in failed["statusMessage"]


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("operation", ["PutItem", "Invoke", "UpdateItem", "GetItem"])
def test_what_passes_by_itself_costs_a_task_nothing(serve: Serve, operation: str, fault: str) -> None:
    server = serve()
    server.relay.fail(operation, PASSING[fault], PASSING[fault])

    task = server.call("report")
    server.work()

    assert text_of(server.get(task)) == "done"


@pytest.mark.parametrize("fault", PASSING)
def test_each_write_of_a_task_with_a_question_may_fail_for_a_while(serve: Serve, fault: str) -> None:
    server = serve()
    turns = iter(range(1000))
    server.relay.fails = lambda asked: PASSING[fault] if next(turns) % 2 == 0 else None  # each first attempt

    task = server.call("ask")
    server.work()
    (key,) = server.get(task)["inputRequests"]
    server.update(task, {key: "Ada"})
    server.work()

    assert text_of(server.get(task)) == "Hello, Ada, first"


def test_a_task_that_cannot_be_stored_or_started_is_none(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve()
    for operation in ("PutItem", "Invoke"):
        server.relay.fail(operation, *[BROKEN] * 3)
        assert server.call("report") == {"code": -32603, "message": "The tasks cannot be reached just now: ask again."}

    assert "Invoke was refused with 500 InternalServerError on cue" in caplog.text
    assert server.relay.invoked == []
    assert server.relay.operations()[-1] == "DeleteItem"


def test_an_event_that_lambda_took_without_a_word_is_a_task_once_it_has_begun(serve: Serve) -> None:
    server = serve()
    server.relay.fail("Invoke", *[LOST] * 3)
    begun: list[Any] = []

    def begin(asked: Asked) -> Fault | None:
        if asked.operation == "DeleteItem":
            begun.append(server.worker(server.relay.invoked.pop()[1]))
        return LOST if asked.operation == "Invoke" else None

    server.relay.fails = begin
    task = server.call("report")
    server.relay.fails = lambda asked: None
    server.work()

    assert begun
    assert text_of(server.get(task)) == "done"


def test_a_round_whose_worker_was_never_asked_for_is_begun_by_the_next_question(serve: Serve) -> None:
    server = serve()
    task = server.call("ask")
    server.work()
    (key,) = server.get(task)["inputRequests"]
    server.relay.fail("Invoke", *[BROKEN] * 3)
    assert server.update(task, {key: "Ada"})["code"] == -32603

    assert server.get(task)["status"] == "working"
    assert server.relay.invoked == []
    server.turn_back(task, 61, "queued")
    assert server.get(task)["status"] == "working"
    server.work()

    assert text_of(server.get(task)) == "Hello, Ada, first"


def test_a_long_text_is_kept_compressed(serve: Serve) -> None:
    server = serve()
    task = server.call("large", size=2_000_000)
    server.work()

    assert len(text_of(server.get(task))) == 2_000_000


def test_a_result_that_no_item_holds_is_a_failed_task_that_names_the_sizes(serve: Serve) -> None:
    server = serve()
    task = server.call("large", size=1_600_000, letters=False)
    server.work()

    failed = server.get(task)
    assert (failed["status"], failed["error"]["code"]) == ("failed", 413)
    assert failed["error"]["data"]["limitBytes"] == 409_600
    assert failed["error"]["data"]["bytes"] > 3_200_000  # as text and as structured content
    assert f"{failed['error']['data']['bytes']:,} bytes" in failed["statusMessage"]


def test_a_result_that_no_item_holds_is_kept_in_the_bucket(serve: Serve, bucket: str, local: LocalAWS) -> None:
    server = serve(tasks={"bucket": bucket})
    task = server.call("large", size=1_600_000, letters=False)
    server.work()

    done = server.get(task)
    (kept,) = local.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert (done["status"], len(text_of(done))) == ("completed", 1_600_000)
    assert "outcome" not in server.item(task)
    assert kept["Key"].startswith("orders-tasks/")
    assert task["taskId"] not in kept["Key"]  # the id may be all that is asked for the result
    assert kept["Size"] < 2_000_000


@pytest.mark.parametrize("fault", PASSING)
def test_a_bucket_that_fails_for_a_while_costs_a_task_nothing(serve: Serve, bucket: str, fault: str) -> None:
    server = serve(tasks={"bucket": bucket})
    task = server.call("large", size=1_600_000, letters=False)
    server.relay.fail("PutObject", PASSING[fault])
    server.work()
    server.relay.fail("GetObject", PASSING[fault])

    assert server.get(task)["status"] == "completed"


def test_a_bucket_that_takes_no_result_is_a_failed_task_and_a_line_that_says_why(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(tasks={"bucket": "gone"})
    task = server.call("large", size=1_600_000, letters=False)
    server.work()

    assert (server.get(task)["status"], server.get(task)["error"]["code"]) == ("failed", 413)
    assert "a long result cannot be kept: PutObject was refused with 404 NoSuchBucket" in caplog.text


def test_a_result_in_a_bucket_that_is_no_longer_named_is_an_error_that_the_log_explains(
    serve: Serve, bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(tasks={"bucket": bucket})
    task = server.call("large", size=1_600_000, letters=False)
    server.work()

    assert serve().get(task)["code"] == -32603
    assert "the bucket that tasks.result_bucket has named" in caplog.text


def test_a_result_that_no_answer_carries_is_a_failed_task_that_names_the_sizes(serve: Serve) -> None:
    server = serve()
    task = server.call("large", size=4_000_000)
    server.work()

    error = server.get(task)["error"]
    assert (error["code"], error["data"]["limitBytes"]) == (413, 6_291_556)


def test_a_request_over_an_events_size_is_refused_before_there_is_a_task(serve: Serve) -> None:
    server = serve()

    error = server.call("report", text="x" * 2**20)

    assert (error["code"], error["data"]["limitBytes"]) == (413, 2**20)
    assert server.relay.asked == []


def test_a_task_that_asks_with_more_than_an_item_holds_fails_and_says_so(serve: Serve) -> None:
    server = serve()
    task = server.call("ask", filler=INCOMPRESSIBLE)
    server.work()

    failed = server.get(task)
    assert (failed["status"], failed["error"]["code"]) == ("failed", 413)


def test_an_answer_that_no_item_holds_is_refused_and_the_task_goes_on_waiting(serve: Serve) -> None:
    server = serve()
    task = server.call("ask")
    server.work()
    (key,) = server.get(task)["inputRequests"]

    refused = server.update(task, {key: INCOMPRESSIBLE})

    assert refused["code"] == 413
    assert server.get(task)["status"] == "input_required"


def test_an_answer_of_a_wrong_form_is_refused_and_the_task_goes_on_waiting(serve: Serve) -> None:
    server = serve()
    task = server.call("ask")
    server.work()
    (key,) = server.get(task)["inputRequests"]

    params = {"taskId": task["taskId"], "inputResponses": {key: {"action": "shout"}}}
    assert server.ask(tasks_request("tasks/update", params))["code"] == -32602
    assert server.get(task)["status"] == "input_required"


def test_a_task_that_was_deleted_is_unknown_and_its_worker_does_nothing(serve: Serve) -> None:
    server = serve()
    task = server.call("report")
    server.table.delete_item(TableName="orders-tasks", Key={"id": {"S": task["taskId"]}})

    server.work()

    assert server.get(task)["code"] == -32602


def test_after_a_roll_back_between_rounds_the_version_that_takes_the_answer_runs_the_next_one(serve: Serve) -> None:
    newer = serve()
    older = serve(tasks={"worker": f"{WORKER}1"})
    task = newer.call("ask")
    newer.work()
    (key,) = older.get(task)["inputRequests"]

    older.update(task, {key: "Ada"})

    ((arn, _),) = older.relay.invoked
    assert arn == f"{WORKER}1"
    older.work()
    assert text_of(older.get(task)) == "Hello, Ada, first"


def test_a_start_that_fails_in_the_worker_is_a_failed_task(serve: Serve) -> None:
    server = serve()
    task = server.call("report")
    broken = serve("mcp = 1 / 0")

    broken.worker(server.relay.invoked.pop()[1])

    failed = server.get(task)
    assert (failed["status"], failed["error"]["code"]) == ("failed", 500)
    assert "could not be started" in failed["statusMessage"]


def test_an_event_for_no_task_does_nothing(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve()

    server.worker(tasks_request("tools/call", {"name": "report", "arguments": {}}))

    assert server.relay.asked == []
    assert "This function runs tasks alone" in caplog.text
