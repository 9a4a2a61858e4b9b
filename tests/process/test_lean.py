"""A start imports what serving needs and no more, and everything else is there once it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.settings import settings_variable

FUNCTION = Path(__file__).parents[2] / "function"

SERVER = """
import enum, os
from typing import Annotated, Any, Literal
from pydantic import BaseModel, Field
from mcp.server import MCPServer
from mcp.server.mcpserver import Context

class Order(BaseModel):
    number: int

mcp = MCPServer("orders")

@mcp.tool()
def total(order: Order) -> int:
    return order.number

@mcp.tool()
def ship(article: Annotated[str, Field(max_length=3, description="The number")], json: list[int] | None = None,
         unit: Literal["piece", "box"] = "piece", *, copy: Any = ("a", 1)) -> dict[str, list[Any]]:
    return {article: [json, unit, copy]}

@mcp.tool(structured_output=False)
async def where(ctx: Context, depth: int = Field(1, ge=1)) -> str:
    return f"{ctx.request_id} {depth}"

Town = enum.Enum("Town", os.environ.get("TOWNS", "BERLIN"))

@mcp.tool()
def deliver(town: Town) -> str:
    return town.name
"""

CALL = """
from lab.events import Context, modern, text_of, tool_call
from mcp_lambda_host.handler import handler

def call():
    return text_of(handler(tool_call(modern, "total", order={"number": 3}), Context()))
"""


def run(directory: Path, code: str, server: str = SERVER) -> Any:
    """What the code prints as JSON, in a new process with the server beside it."""
    (directory / "server.py").write_text(server)
    path = os.pathsep.join(map(str, [FUNCTION, FUNCTION.parent, directory]))
    environment = os.environ | {"PYTHONPATH": path} | settings_variable(request_state_parameter="/unread")
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is seen in a process after a start and a call."""
    seen: dict[str, Any] = run(
        tmp_path_factory.mktemp("started"),
        CALL
        + """
import gc, json, sys
seen = {"answer": call(), "modules": list(sys.modules), "collects": gc.isenabled(), "frozen": gc.get_freeze_count()}

from server import Order
from mcp_types import ElicitRequest
seen["authors"] = Order.__pydantic_complete__
seen["unused"] = ElicitRequest.__pydantic_complete__
seen["used then"] = ElicitRequest.model_json_schema()["type"]

import httpx2, mcp
from mcp import Client
from mcp.server.request_state import AESGCMRequestStateCodec, InvalidRequestState
seen["client"] = Client.__module__
seen["http"] = httpx2.URL("https://example.com/a").path
codec = AESGCMRequestStateCodec(["k" * 32])
seen["sealed"] = codec.unseal(codec.seal(b"state")).decode()
token = codec.seal(b"state")
try:
    codec.unseal(token[:-1] + ("A" if token[-1] != "A" else "B"))
except InvalidRequestState:
    seen["forged"] = "refused"
print(json.dumps(seen))
""",
    )
    return seen


def test_a_call_is_answered_without_the_sdks_client_and_without_cryptography(started: dict[str, Any]) -> None:
    imported = {name for name in started["modules"] if name.startswith(("mcp.client", "httpx2.", "cryptography"))}

    assert started["answer"] == "3"
    assert imported == set()


def test_what_was_left_for_later_is_there_when_it_is_asked_for(started: dict[str, Any]) -> None:
    assert started["client"] == "mcp.client.client"
    assert started["http"] == "/a"
    assert (started["sealed"], started["forged"]) == ("state", "refused")


def test_parts_of_the_sdk_that_a_function_seldom_uses_are_there_when_they_are_called(tmp_path: Path) -> None:
    code = """
import json, sys
from mcp_lambda_host.sdk import lean
lean.import_lean("mcp_lambda_host.environment")
from mcp.server import MCPServer
from mcp.server.auth.settings import AuthSettings
seldom = [name for name in lean.UNUSED if name in sys.modules]
address = "https://example.com/mcp"
auth = AuthSettings(issuer_url="https://login.example.com", resource_server_url=address)
server = MCPServer("any", auth=auth, token_verifier=object())
paths = [[route.path for route in app.routes] for app in (server.streamable_http_app(), server.sse_app())]
import mcp.server.mcpserver.server as module
print(json.dumps([seldom, *paths, type(module.stdio_server()).__name__, module.stdio_server.__module__]))
"""
    seldom, *paths, stdio, module = run(tmp_path, code)

    assert seldom == []
    assert all("/.well-known/oauth-protected-resource/mcp" in each for each in paths)
    assert (stdio, module) == ("_AsyncGeneratorContextManager", "mcp.server.stdio")


def test_schemas_of_the_protocol_are_built_at_their_first_use_and_those_of_the_author_at_once(
    started: dict[str, Any],
) -> None:
    assert (started["unused"], started["used then"]) == (False, "object")
    assert started["authors"]


SCHEMAS = """
import hashlib, inspect, json
from mcp_types import _types, _v2025_11_25, _v2026_07_28
from pydantic import BaseModel

def in_order(value):
    # typing takes Literal["a", "b"] and Literal["b", "a"] for one, and keeps the one that it meets first
    if isinstance(value, dict):
        return {key: sorted(held) if key == "enum" else in_order(held) for key, held in sorted(value.items())}
    return [in_order(one) for one in value] if isinstance(value, list) else value

def digest(model):
    schema, parameters = in_order(model.model_json_schema()), list(inspect.signature(model).parameters)
    return hashlib.sha256(json.dumps([schema, parameters]).encode()).hexdigest()

print(json.dumps({
    f"{module.__name__}.{name}": digest(model)
    for module in (_types, _v2025_11_25, _v2026_07_28)
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseModel
}))
"""


def test_models_that_were_left_for_later_are_the_same_as_those_of_a_plain_import(tmp_path: Path) -> None:
    lean, plain = (run(tmp_path, start + SCHEMAS) for start in (CALL, ""))

    assert len(lean) > 400
    assert lean == plain


DUMP = """
import os
from dataclasses import replace
from mcp_lambda_host.sdk import lean, prebuilt, tool_schemas
from mcp_lambda_host.settings import NOTHING_KNOWN
lean.import_lean("mcp_lambda_host.environment")
tools = tool_schemas.record()
from mcp_lambda_host.environment import Environment
environment = Environment(replace(NOTHING_KNOWN, name="trial", entrypoint="server:mcp"), os.environ)
environment.open()
environment.rehearse()
print(open(FILE, "wb").write(prebuilt.dump(tools)))
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas that the build would put into the zip."""
    return written_by(DUMP, tmp_path_factory.mktemp("kept"))


def written_by(code: str, work: Path) -> Path:
    """The file that the code writes and names FILE, of which it prints the size."""
    file = work / "written"
    assert run(work, f"FILE = {str(file)!r}{code}") > 100_000
    return file


def reading(module: str, file: Path) -> str:
    """Code that has a module of `sdk` read what the build has made from a file."""
    return f"from pathlib import Path\nfrom mcp_lambda_host.sdk import {module}\n{module}.FILE = Path({str(file)!r})\n"


MESSAGES = """
import json
from mcp_types import methods
from pydantic import ValidationError

block = {"type": "text", "text": "a", "annotations": {"priority": 2}}
requests = [None, {}, {"name": 1, "_meta": []}, {"name": "a", "arguments": {}, "uri": "a b", "unknown": 1}]
results = [{}, {"content": [block], "isError": 1, "resultType": "complete"}, {"tools": [{"name": "a"}], "ttlMs": -1}]

def said(use, *args):
    try:
        return str(use(*args))
    except ValidationError as error:
        return str(error.errors(include_url=False))

print(json.dumps(
    [said(methods.parse_client_request, *key, params) for key in methods.CLIENT_REQUESTS for params in requests]
    + [said(methods.serialize_server_result, *key, data) for key in methods.SERVER_RESULTS for data in results]
))
"""


def test_schemas_that_the_build_has_made_are_those_that_a_start_would_make(tmp_path: Path, kept: Path) -> None:
    for seen in (MESSAGES, SCHEMAS):
        of_build, of_start = (
            run(tmp_path, start + seen) for start in (reading("prebuilt", kept) + CALL + "call()", "")
        )

        assert len(of_build) > 100
        assert of_build == of_start


def test_a_start_with_the_schemas_of_the_build_makes_none_of_the_protocols(tmp_path: Path, kept: Path) -> None:
    code = """
import json
from pydantic._internal import _generate_schema
made, generate = [], _generate_schema.GenerateSchema.generate_schema
def note(self, of):
    made.append(str(of))
    return generate(self, of)
_generate_schema.GenerateSchema.generate_schema = note
"""
    made = run(tmp_path, code + reading("prebuilt", kept) + CALL + "print(json.dumps([call(), made]))")

    assert made[0] == "3"
    assert not [of for of in made[1] if "mcp_types._v20" in of or "CallTool" in of]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("version = '1.0'", "Imported plainly, so this cold start takes longer: ImportError: the schemas in the zip"),
        ("schemas = {name: b'' for name in schemas}", "was made anew: EOFError"),
    ],
    ids=["of another version", "unreadable"],
)
def test_schemas_that_do_not_do_are_made_anew_and_a_line_says_so(
    tmp_path: Path, kept: Path, damage: str, said: str
) -> None:
    code = f"""
import json, pickle
version, schemas, tools = pickle.loads(Path({str(kept)!r}).read_bytes())
{damage}
prebuilt.FILE = Path({str(tmp_path / "damaged")!r})
prebuilt.FILE.write_bytes(pickle.dumps((version, schemas, tools)))
from mcp_lambda_host.own_log import logger
said = []
logger.addFilter(lambda record: said.append(record.getMessage()) or True)
"""
    answer, lines = run(tmp_path, reading("prebuilt", kept) + code + CALL + "print(json.dumps([call(), said]))")

    assert answer == "3"
    assert len([line for line in lines if said in line]) == 1


TOOLS = """
import json
from lab.events import Context, message_of, modern, tool_call
from mcp_lambda_host.handler import handler
from server import mcp

def answers():
    yield modern("tools/list")
    for more in ({"article": "12345"}, {"json": "[1]", "copy": None}, {"unit": 1}):
        yield tool_call(modern, "ship", **{"article": "a", **more})
    yield tool_call(modern, "ship")
    for arguments in ({}, {"depth": 0}):
        yield tool_call(modern, "where", **arguments)
    yield tool_call(modern, "deliver", town=2)

def answered():
    return [message_of(handler(event, Context())) for event in answers()]

def waiting():
    tools = mcp._tool_manager._tools.values()
    return [tool.name for tool in tools if "_make" in vars(tool.fn_metadata)]
"""


def test_a_tool_with_a_kept_schema_is_listed_and_called_as_one_that_the_start_has_made(
    tmp_path: Path, kept: Path
) -> None:
    code = TOOLS + "print(json.dumps([waiting(), answered(), waiting()]))"
    waits, of_build, waits_then = run(tmp_path, reading("prebuilt", kept) + code)
    none, of_start, _ = run(tmp_path, code)

    assert of_build == of_start
    assert (waits, waits_then, none) == (["ship", "where"], [], [])


def test_a_tool_with_types_of_the_authors_is_made_at_the_start_since_they_may_differ_on_lambda(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOWNS", "BERLIN PARIS")

    answers = run(tmp_path, reading("prebuilt", kept) + TOOLS + "print(json.dumps(answered()))")
    towns = answers[0]["result"]["tools"][-1]["inputSchema"]["$defs"]["Town"]["enum"]

    assert (towns, answers[-1]["result"]["content"][0]["text"]) == ([1, 2], "PARIS")


def test_a_tool_whose_signature_has_changed_is_made_at_the_start(tmp_path: Path, kept: Path) -> None:
    change = "import builtins\nbuiltins.tuple_of = ('b', 1)\n"
    code = reading("prebuilt", kept) + change + TOOLS + "print(json.dumps(waiting()))"

    assert run(tmp_path, code, SERVER.replace('("a", 1)', "tuple_of")) == ["where"]


def test_what_the_author_sets_in_the_metadata_of_a_tool_stays(tmp_path: Path, kept: Path) -> None:
    code = """
metadata = mcp._tool_manager.get_tool("ship").fn_metadata
metadata.output_schema = {"type": "object", "title": "mine"}
print(json.dumps([issubclass(metadata.arg_model, object), metadata.output_schema["title"], metadata.wrap_output]))
"""
    assert run(tmp_path, reading("prebuilt", kept) + TOOLS + code) == [True, "mine", False]


def test_a_model_of_the_authors_inherits_from_one_that_was_left_for_later(tmp_path: Path) -> None:
    code = """
import json
from mcp_types import ElicitRequestFormParams

class Asked(ElicitRequestFormParams):
    note: str

asked = Asked(message="How many?", requested_schema={"type": "object", "properties": {}}, note="of the order")
print(json.dumps([Asked.__pydantic_complete__, sorted(asked.model_dump(exclude_none=True))]))
"""
    complete, members = run(tmp_path, CALL + code)

    assert complete
    assert {"message", "note", "requested_schema"} <= set(members)


def test_two_threads_that_use_a_model_first_both_get_it_whole(tmp_path: Path) -> None:
    code = """
import json, sys, threading
from mcp_types import CreateMessageRequestParams, SamplingMessage, TextContent
sys.setswitchinterval(1e-6)
both, seen = threading.Barrier(2), []
message = {"role": "user", "content": {"type": "text", "text": "Hello"}}

def use():
    both.wait()
    try:
        params = CreateMessageRequestParams.model_validate({"messages": [message], "maxTokens": 5})
        seen.append(params.messages[0].content.text)
    except Exception as error:
        seen.append(repr(error))

threads = [threading.Thread(target=use, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(20)
print(json.dumps(seen), flush=True)
"""
    assert run(tmp_path, CALL + code) == ["Hello", "Hello"]


COMPILE = """
from mcp_lambda_host.sdk import compiled
recorder = compiled.record()
from mcp_lambda_host import handler
print(open(FILE, "wb").write(recorder.dump()))
"""


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Python has compiled at a start, as the build would put it into the zip."""
    return written_by(COMPILE, tmp_path_factory.mktemp("texts"))


COUNT = """
import json, sys
from re import _compiler
compiles, parse = [], _compiler._parser.parse
def see(event, args):
    if event == "compile" and any(start in str(args[0]) for start in ("def __create_fn__", "lambda _cls")):
        compiles.append("code")
def note(*args):
    compiles.append("expression")
    return parse(*args)
sys.addaudithook(see)
_compiler._parser.parse = note
"""


def test_a_start_with_what_the_build_has_compiled_compiles_little(tmp_path: Path, texts: Path) -> None:
    counted = "print(json.dumps([call(), compiles.count('code'), compiles.count('expression')]))"
    of_build, of_start = (run(tmp_path, start + COUNT + CALL + counted) for start in (reading("compiled", texts), ""))

    assert of_build[0] == of_start[0] == "3"
    assert of_build[1] < 20 < 350 < of_start[1]
    assert of_build[2] < 10 < 50 < of_start[2]


def test_what_the_build_has_compiled_is_what_python_would_compile(tmp_path: Path, texts: Path) -> None:
    code = """
import json, marshal, re
kept = compiled.Kept()
_, codes, patterns = marshal.load(open(compiled.FILE, "rb"))
other = [text for mode, text in codes if kept.code(mode, text) != compile(text, "<string>", mode, dont_inherit=True)]
other += [text for text, flags in patterns if kept.pattern(text, flags) != compiled.compile_plainly(text, flags)]
print(json.dumps([len(codes), len(patterns), other]))
"""
    codes, patterns, other = run(tmp_path, reading("compiled", texts) + code)

    assert codes > 300
    assert patterns > 50
    assert other == []


def test_python_compiles_by_itself_again_once_the_start_is_done(tmp_path: Path, texts: Path) -> None:
    code = """
import builtins, collections, dataclasses, json, re
call()
late = re.compile("late+").fullmatch("lateee") is not None
made = dataclasses.make_dataclass("Late", ["number"])(3).number
hooked = [name for module, name in ((dataclasses, "exec"), (collections, "eval")) if hasattr(module, name)]
print(json.dumps([late, made, hooked, re._compiler.compile is compiled.compile_plainly]))
"""
    assert run(tmp_path, reading("compiled", texts) + CALL + code) == [True, 3, [], True]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("version = (b'', 0)", "ImportError: it is of another Python"),
        ("codes = {text: b'i' for text in codes}", "EOFError"),
        ("patterns = {text: marshal.dumps((0, [], 0, {}, ())) for text in patterns}", "RuntimeError"),
    ],
    ids=["of another Python", "code", "expressions"],
)
def test_what_is_compiled_and_does_not_do_is_compiled_anew_and_a_line_says_so(
    tmp_path: Path, texts: Path, damage: str, said: str
) -> None:
    code = f"""
import json, marshal
version, codes, patterns = marshal.load(open({str(texts)!r}, "rb"))
{damage}
open({str(tmp_path / "damaged")!r}, "wb").write(marshal.dumps((version, codes, patterns)))
from mcp_lambda_host.own_log import logger
said = []
logger.addFilter(lambda record: said.append(record.getMessage()) or True)
"""
    start = reading("compiled", tmp_path / "damaged")
    answer, lines = run(tmp_path, start + code + CALL + "print(json.dumps([call(), said]))")
    found = [line for line in lines if "were compiled anew" in line]

    assert answer == "3"
    assert len(found) == 1
    assert said in found[0]


def test_an_expression_of_the_authors_is_kept_only_where_it_stands_in_the_code(tmp_path: Path) -> None:
    code = """
import json, marshal
from mcp_lambda_host.sdk import compiled
recorder = compiled.record()
recorder.note_constants()
import re
re.compile("written+")
re.compile("-".join(["made", "up"]))
re._compiler.compile("zero+", type("Zero", (int,), {})())  # as Python 3.13 compiles for re.sub
try:
    re.compile("wrong(")
except re.error:
    pass
those = ("written+", "made-up", "wrong(", "zero+")
print(json.dumps([key[0] for key in marshal.loads(recorder.dump())[2] if key[0] in those]))
"""
    assert run(tmp_path, code) == ["written+", "zero+"]


def test_garbage_is_collected_again_but_not_among_what_the_start_has_made(started: dict[str, Any]) -> None:
    assert started["collects"]
    assert started["frozen"] > 10_000


def test_no_garbage_is_collected_while_a_start_imports(tmp_path: Path) -> None:
    code = """
import gc, json
import lab.events
runs = []
gc.callbacks.append(lambda phase, info: runs.append(phase))
gc.collect()
import mcp_lambda_host.handler
print(json.dumps(len(runs)))
"""
    assert run(tmp_path, code) == 2  # the one before


def test_a_package_that_is_no_longer_written_as_expected_is_imported_plainly(tmp_path: Path) -> None:
    changed = "from mcp_lambda_host.sdk import lean\nlean.UNUSED['cryptography'] = ('mcp.elsewhere',)\n"
    seen = "import json, sys\nprint(json.dumps([call(), 'mcp.client' in sys.modules, 'cryptography' in sys.modules]))"

    assert run(tmp_path, changed + CALL + seen) == ["3", True, True]


def test_every_module_of_the_sdk_can_be_imported_after_a_lean_start(tmp_path: Path) -> None:
    code = """

import importlib, json
from pathlib import Path
from mcp_lambda_host.sdk import lean
lean.import_lean("mcp_lambda_host.environment")
import mcp
root, failed = Path(mcp.__path__[0]), {}
for path in sorted(root.rglob("*.py")):
    name = ".".join(("mcp", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
    if not name.startswith("mcp.cli") and not name.endswith("__main__"):  # these end the process
        try:
            importlib.import_module(name)
        except Exception as error:
            failed[name] = repr(error)
print(json.dumps(failed))
"""
    failed = run(tmp_path, code)

    assert failed.keys() <= {"mcp.server.fastmcp"}  # which says that it is called otherwise now


def test_two_threads_that_import_the_client_at_once_do_not_wait_for_each_other(tmp_path: Path) -> None:
    code = """
import importlib, json, sys, threading
from mcp_lambda_host.sdk import lean
lean.import_lean("mcp_lambda_host.environment")
sys.setswitchinterval(1e-6)
both = threading.Barrier(2)

def client():
    both.wait()
    exec("from mcp import ClientSession")

def transport():
    both.wait()
    importlib.import_module("mcp.client.streamable_http")

threads = [threading.Thread(target=target, daemon=True) for target in (client, transport)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(20)
print(json.dumps([thread.is_alive() for thread in threads]), flush=True)
"""
    assert run(tmp_path, code) == [False, False]


def test_what_is_not_in_the_zip_is_an_attribute_that_is_not_there_and_says_why(tmp_path: Path) -> None:
    code = """
import importlib.machinery, json
from mcp_lambda_host.sdk import lean
path_finder = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = lambda name, *rest: None if name == "httpx2" else path_finder(name, *rest)
lean.import_lean("mcp_lambda_host.environment")
import httpx2
try:
    httpx2.URL
except AttributeError as error:
    print(json.dumps(str(error)))
"""
    assert run(tmp_path, code) == "httpx2 needs httpx2, which is not in the zip: name it in requirements.txt"
