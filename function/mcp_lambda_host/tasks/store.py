"""Tasks in a DynamoDB table. Each step is one conditional write: done twice, or by two at once, it has one effect."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mcp_lambda_aws.service import PAUSES, ServiceError, retried

from ..own_log import logger
from ..settings import TaskSettings
from .dynamodb import Item, Refused, Table
from .objects import Bucket

T = TypeVar("T")

LEASE_SECONDS = 60
"""For how long a worker is taken to be alive after it has said so: DynamoDB may fail for nearly as long."""

MOST_BYTES = 400 * 1024
"""Most bytes of an item (DynamoDB Developer Guide, "Service, account, and table quotas")."""

OPEN = ("working", "input_required")
"""Statuses that a task leaves; all others are its end."""

ROUND = {"answers", "state", "questions", "request", "lease"}
"""Attributes of one round alone."""


class TooLargeError(Exception):
    """A value is too large for an item, even compressed.

    Attributes:
        size: Bytes of it as JSON.
        compressed: Bytes of it in the item.
        limit: Most bytes of an item.
    """

    limit = MOST_BYTES

    def __init__(self, size: int, compressed: int) -> None:
        super().__init__(f"{size} bytes, {compressed} compressed")
        self.size = size
        self.compressed = compressed


@dataclass(frozen=True)
class Task:
    """A task as the table has it. Times are seconds since 1970.

    Attributes:
        id: The task's id.
        status: The status, as the extension names it.
        owner: Who may ask for it.
        round: How often its tool was called anew with answers of the client.
        created: When it was made.
        updated: When it last changed.
        queued: When a worker was last asked for.
        expires: From when on nobody can ask for it.
        message: What its tool last reported.
        worker: The worker that has run it last; None: none has begun.
        lease: Until when that worker is taken to be alive.
        questions: Requests to the client, by their keys, of which some may be answered.
        answers: Answers of the client, by the same keys.
        state: What the tool wants to be told when it is called anew.
        request: The event to call it anew with.
        outcome: The JSON-RPC response: `result` or `error`.
        place: Where in the bucket the outcome is, if it is not here.
    """

    id: str
    status: str
    owner: str
    round: int
    created: float
    updated: float
    queued: float
    expires: int
    message: str | None = None
    worker: str | None = None
    lease: float | None = None
    questions: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    state: str | None = None
    request: Mapping[str, Any] | None = None
    outcome: Mapping[str, Any] | None = None
    place: str | None = None

    @property
    def unanswered(self) -> Mapping[str, Any]:
        """Requests that the client has still to answer."""
        return {key: question for key, question in self.questions.items() if key not in self.answers}

    @property
    def waits_for_worker(self) -> bool:
        """Whether a worker was asked for and has not begun."""
        if self.status == "input_required":
            return not self.unanswered
        return self.status == "working" and self.worker is None


class Store:
    """The tasks of one server.

    Args:
        settings: Where tasks are kept.
        environ: Environment variables, with the credentials and perhaps another endpoint.
        clock: Tells the time, in seconds since 1970.
        pauses: Gives most seconds to wait before each further attempt, where AWS throttles or fails.
    """

    def __init__(
        self,
        settings: TaskSettings,
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
        pauses: Callable[[], Iterable[float]] = lambda: PAUSES,
    ) -> None:
        self._table = Table(settings.table, environ)
        self._bucket = Bucket(settings.bucket, settings.table, environ) if settings.bucket else None
        self._pauses = pauses
        self.clock = clock

    def get(self, task_id: str) -> Task | None:
        """The task, which may have expired; None: there is none.

        Raises:
            ServiceError: DynamoDB cannot be asked.
        """
        return parse(retried(lambda: self._table.get(key_of(task_id)), self._pauses()))

    def create(self, task: Task) -> None:
        """Keep a new task. A second attempt may find the task of the first, whose answer was lost.

        Raises:
            TooLargeError: The client's answers are too large.
            ServiceError: DynamoDB cannot be asked.
        """
        item = {
            **key_of(task.id),
            "status": {"S": task.status},
            "owner": {"S": task.owner},
            "round": number(task.round),
            "created": number(task.created),
            "updated": number(task.updated),
            "queued": number(task.queued),
            "expires": number(task.expires),
            **optional("state", task.state),
            **({"answers": {"M": {key: pack(answer) for key, answer in task.answers.items()}}} if task.answers else {}),
        }
        with suppress(Refused):
            self._send(lambda: self._table.put(item, "attribute_not_exists(id)"), item)

    def withdraw(self, task_id: str) -> bool:
        """Delete a task that no worker has begun; whether it is gone.

        Raises:
            ServiceError: DynamoDB cannot be asked.
        """
        condition = {"ConditionExpression": "attribute_not_exists(worker)"}
        try:
            self._send(lambda: self._table.delete(key_of(task_id), condition), {})
        except Refused:
            return False
        return True

    def claim(self, task_id: str, round_: int, worker: str) -> Task | None:
        """Take a round of a task for a worker; None: another one has, or the task is over.

        Raises:
            ServiceError: DynamoDB cannot be asked.
        """
        now = self.clock()
        first = "#status = :working and attribute_not_exists(worker)"
        later = "#status = :input_required and #round = :previous"
        return self._change(
            task_id,
            {
                "status": {"S": "working"},
                "round": number(round_),
                "worker": {"S": worker},
                "lease": number(now + LEASE_SECONDS),
                "updated": number(now),
            },
            f"expires > :now and ({later if round_ else first})",
            {":now": number(now), **({":previous": number(round_ - 1)} if round_ else {})},
            remove=("questions", "request"),
            is_done=lambda task: task.worker == worker and task.status == "working",
        )

    def renew(self, task_id: str, worker: str, message: str | None) -> Task | None:
        """Say that a worker is alive, and what its tool reports; None: the task is no longer its own.

        Raises:
            ServiceError: DynamoDB cannot be asked, in one attempt.
        """
        now = self.clock()
        told = {"message": {"S": message}, "updated": number(now)} if message else {}
        return self._change(
            task_id,
            {"lease": number(now + LEASE_SECONDS), **told},
            "#status = :working and worker = :worker",
            {":worker": {"S": worker}},
            pauses=(),
        )

    def park(
        self,
        task_id: str,
        worker: str,
        questions: Mapping[str, Any],
        state: str | None,
        request: Mapping[str, Any],
    ) -> Task | None:
        """Have a task wait for its client, with the request for the next round; None: it is no longer the worker's.

        Raises:
            TooLargeError: The request or the questions are too large.
            ServiceError: DynamoDB cannot be asked.
        """
        return self._change(
            task_id,
            {
                "status": {"S": "input_required"},
                "updated": number(self.clock()),
                "answers": {"M": {}},
                "questions": pack(questions),
                "request": pack(request),
                **optional("state", state),
            },
            "#status = :working and worker = :worker",
            {":worker": {"S": worker}},
            remove=("lease", "message", *(() if state is not None else ("state",))),
            is_done=lambda task: task.worker == worker and task.status == "input_required",
        )

    def answer(self, task: Task, answers: Mapping[str, Any]) -> Task | None:
        """Add answers of the client to a round, the first to each question; None: the round is over.

        Raises:
            TooLargeError: They are too large.
            ServiceError: DynamoDB cannot be asked.
        """
        now = number(self.clock())
        names = {f"#key{place}": key for place, key in enumerate(answers)}
        values = {f":answer{place}": pack(answer) for place, answer in enumerate(answers.values())}
        sets = [
            f"answers.#key{place} = if_not_exists(answers.#key{place}, :answer{place})" for place in range(len(names))
        ]
        arguments = {
            "UpdateExpression": f"set {', '.join(['updated = :now', 'queued = :now', *sets])}",
            "ConditionExpression": "#status = :input_required and #round = :round",
            "ExpressionAttributeNames": {"#status": "status", "#round": "round", **names},
            "ExpressionAttributeValues": {
                ":now": now,
                ":round": number(task.round),
                ":input_required": {"S": "input_required"},
                **values,
            },
        }
        try:
            return parse(self._send(lambda: self._table.update(key_of(task.id), arguments), values))
        except Refused:
            return None

    def finish(self, task_id: str, worker: str, outcome: Mapping[str, Any]) -> Task | None:
        """End a task with what came of its tool, in the bucket if no item holds it; None: it is no longer the worker's.

        Args:
            task_id: The task's id.
            worker: The worker that has run it.
            outcome: The JSON-RPC response: `result` or `error`.

        Raises:
            TooLargeError: It is too large, and there is no bucket, or S3 did not take it.
            ServiceError: DynamoDB cannot be asked.
        """

        def end(kept: Item) -> Task | None:
            status = "completed" if "result" in outcome else "failed"
            return self._end(
                task_id,
                {"status": {"S": status}, **kept},
                "#status = :working and worker = :worker",
                {":worker": {"S": worker}},
                is_done=lambda task: task.worker == worker and task.status == status,
            )

        try:
            return end({"outcome": pack(outcome)})
        except TooLargeError:
            if self._bucket is None:
                raise
            # An id may be all that is asked for a result, and keys of objects are in logs and inventories.
            place = f"{self._table.name}/{hashlib.sha256(task_id.encode()).hexdigest()}"
            try:
                self._put(self._bucket, place, compress(outcome))
            except ServiceError as error:
                logger.error("Tasks: a long result cannot be kept: %s", error)
                raise TooLargeError(len(json_text(outcome)), len(compress(outcome))) from None
        return end({"place": {"S": place}})

    def outcome(self, task: Task) -> Mapping[str, Any]:
        """What came of a task, wherever it is kept; empty: nothing has yet.

        Raises:
            ServiceError: It is in a bucket that cannot be asked, or that the settings no longer name.
        """
        place, bucket = task.place, self._bucket
        if place is None:
            return task.outcome or {}
        if bucket is None:
            raise ServiceError("a result is in the bucket that tasks.result_bucket has named, and names no more")
        found: Mapping[str, Any] = decompress(retried(lambda: bucket.get(place), self._pauses()))
        return found

    def cancel(self, task: Task) -> Task | None:
        """End a task without an outcome; None: it has ended meanwhile.

        Raises:
            ServiceError: DynamoDB cannot be asked.
        """
        cancelled = {"status": {"S": "cancelled"}}
        return self._end(task.id, cancelled, "#status in (:working, :input_required)", {})

    def give_up(self, task: Task, outcome: Mapping[str, Any]) -> Task | None:
        """End a task as failed whose worker is dead or never came; None: it has changed meanwhile.

        Args:
            task: As it was seen.
            outcome: The `error` that says why.

        Raises:
            ServiceError: DynamoDB cannot be asked.
        """
        held = "lease = :lease" if task.lease else "attribute_not_exists(lease)"
        return self._end(
            task.id,
            {"status": {"S": "failed"}, "outcome": pack(outcome)},
            f"#status = :seen and #round = :round and {held}",
            {
                ":seen": {"S": task.status},
                ":round": number(task.round),
                **({":lease": number(task.lease)} if task.lease else {}),
            },
        )

    def _end(self, task_id: str, sets: Item, condition: str, values: Item, **options: Any) -> Task | None:
        sets = {**sets, "updated": number(self.clock())}
        return self._change(task_id, sets, condition, values, remove=(*sorted(ROUND), "message"), **options)

    def _change(
        self,
        task_id: str,
        sets: Item,
        condition: str,
        values: Item,
        *,
        remove: Iterable[str] = (),
        is_done: Callable[[Task], bool] = lambda task: False,
        pauses: Iterable[float] | None = None,
    ) -> Task | None:
        """Set and remove attributes if a condition holds; None: it does not.

        Args:
            task_id: The task's id.
            sets: Attributes with their new values.
            condition: Of the task as it is.
            values: Values of the condition; :working and :input_required are known.
            remove: Names of attributes.
            is_done: Whether a task that does not fulfil the condition is what an earlier attempt has made of it.
            pauses: Most seconds to wait before each further attempt; None: the store's own.
        """
        removed = sorted(set(remove) - sets.keys())
        names = {f"#{name}": name for name in (*sets, *removed)}
        known = {f":{status}": {"S": status} for status in OPEN if f":{status}" in condition}
        for name in ("status", "round"):
            if f"#{name}" in condition:
                names[f"#{name}"] = name
        expression = "set " + ", ".join(f"#{name} = :new_{name}" for name in sets)
        if removed:
            expression += " remove " + ", ".join(f"#{name}" for name in removed)
        arguments = {
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {
                **{f":new_{name}": value for name, value in sets.items()},
                **known,
                **values,
            },
        }
        try:
            return parse(self._send(lambda: self._table.update(key_of(task_id), arguments), sets, pauses))
        except Refused as refused:
            found = parse(refused.item)
            return found if found and is_done(found) else None

    def _put(self, bucket: Bucket, place: str, body: bytes) -> None:
        retried(lambda: bucket.put(place, body), self._pauses())

    def _send(self, attempt: Callable[[], T], written: Item, pauses: Iterable[float] | None = None) -> T:
        """What a write returns, made again where DynamoDB throttles or fails.

        Raises:
            TooLargeError: The item would be too large.
            ServiceError: DynamoDB cannot be asked.
        """
        compressed = sum(len(each) for each in binaries(written))
        try:
            if compressed <= MOST_BYTES:
                return retried(attempt, self._pauses() if pauses is None else pauses)
        except ServiceError as error:
            if error.code != "ValidationException" or "size" not in str(error):
                raise
        raise TooLargeError(sum(len(zlib.decompress(each)) for each in binaries(written)), compressed)


def key_of(task_id: str) -> Item:
    """The key of a task's item."""
    return {"id": {"S": task_id}}


def number(value: float) -> Item:
    """A number as an attribute; DynamoDB keeps it exactly."""
    return {"N": f"{value:.3f}" if isinstance(value, float) else str(value)}


def optional(name: str, text: str | None) -> Item:
    """An attribute for a text, if there is one."""
    return {name: pack(text)} if text is not None else {}


def pack(value: Any) -> Item:
    """A value of JSON as an attribute, compressed."""
    return {"B": base64.b64encode(compress(value)).decode()}


def unpack(attribute: Item) -> Any:
    """The value of JSON in an attribute."""
    return decompress(base64.b64decode(attribute["B"]))


def compress(value: Any) -> bytes:
    """A value of JSON, compressed."""
    return zlib.compress(json_text(value))


def decompress(compressed: bytes) -> Any:
    """The value of JSON that was compressed."""
    return json.loads(zlib.decompress(compressed))


def json_text(value: Any) -> bytes:
    """A value as JSON. What UTF-8 cannot say is escaped, as the runtime does in answers."""
    return json.dumps(value, separators=(",", ":")).encode()


def binaries(attributes: Item) -> Iterator[bytes]:
    """The compressed values among attributes."""
    for attribute in attributes.values():
        if "B" in attribute:
            yield base64.b64decode(attribute["B"])
        elif "M" in attribute:
            yield from binaries(attribute["M"])


def parse(item: Item) -> Task | None:
    """The task in an item; None: there is no item."""
    if not item:
        return None

    def unpacked(name: str) -> Any:
        return unpack(item[name]) if name in item else None

    def text(name: str) -> str | None:
        return item[name]["S"] if name in item else None

    return Task(
        id=item["id"]["S"],
        status=item["status"]["S"],
        owner=item["owner"]["S"],
        round=int(item["round"]["N"]),
        created=float(item["created"]["N"]),
        updated=float(item["updated"]["N"]),
        queued=float(item["queued"]["N"]),
        expires=int(item["expires"]["N"]),
        message=text("message"),
        worker=text("worker"),
        lease=float(item["lease"]["N"]) if "lease" in item else None,
        questions=unpacked("questions") or {},
        answers={key: unpack(answer) for key, answer in item.get("answers", {}).get("M", {}).items()},
        state=unpacked("state"),
        request=unpacked("request"),
        outcome=unpacked("outcome"),
        place=text("place"),
    )
