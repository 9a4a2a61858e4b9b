"""A plain MCPServer with the tools, prompts and resources that the official conformance suite asks for by name.

What each of them has to do is said by `conformance list --server` and the descriptions of the suite's scenarios.
"""

import asyncio
import base64
import json
import uuid
from typing import Annotated, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.prompts.base import Message, UserMessage
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    ClientCapabilities,
    Completion,
    CompletionArgument,
    CompletionContext,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    ImageContent,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    PromptReference,
    ResourceTemplateReference,
    SamplingCapability,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel, Field

# One red pixel, and a WAV file of no samples.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="
ENVIRONMENT = f"environment {uuid.uuid4().hex}"
"""Another one in each process, and said in most answers, so that they tell how many have served."""

PLACES = ["paris", "park", "party", "rome"]

mcp = MCPServer("conformance", version="1.0.0")


def picture() -> ImageContent:
    return ImageContent(data=PNG, mime_type="image/png")


def document(uri: str) -> EmbeddedResource:
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type="text/plain", text=ENVIRONMENT))


def question(message: str, field: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(text: str) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(text=text))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=100))


def answered(ctx: Context, *keys: str) -> bool:
    return set(keys) <= set(ctx.input_responses or {})


# Content


@mcp.tool()
def test_simple_text() -> str:
    """Answer with text."""
    return ENVIRONMENT


@mcp.tool()
def test_image_content() -> list[ImageContent]:
    """Answer with an image."""
    return [picture()]


@mcp.tool()
def test_audio_content() -> list[AudioContent]:
    """Answer with audio."""
    return [AudioContent(data=WAV, mime_type="audio/wav")]


@mcp.tool()
def test_embedded_resource() -> list[EmbeddedResource]:
    """Answer with a resource inside the result."""
    return [document("test://embedded-resource")]


@mcp.tool()
def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
    """Answer with text, an image and a resource."""
    return [TextContent(text=ENVIRONMENT), picture(), document("test://mixed-content-resource")]


@mcp.tool()
def test_error_handling() -> str:
    """Fail."""
    raise RuntimeError(f"This tool fails on purpose in {ENVIRONMENT}.")


@mcp.tool()
def test_x_mcp_header(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
    """Take an argument that the client repeats in a header."""
    return f"{region}, {ENVIRONMENT}"


@mcp.tool()
async def occupy() -> str:
    """Keep this environment busy for a moment, so that another one has to serve the next request."""
    await asyncio.sleep(0.05)  # longer than the work of a call, which three callers cause all the time
    return ENVIRONMENT


# Notifications during a call


@mcp.tool()
async def test_tool_with_logging(ctx: Context) -> str:
    """Log three lines on the way."""
    for line in ("begun", "half done", "done"):
        await ctx.info(line)
    return "Logged."


@mcp.tool()
async def test_logging_tool(ctx: Context) -> str:
    """Log, which a client that asked for no log must not see."""
    await ctx.info("a line")
    return "Logged."


@mcp.tool()
async def test_tool_with_progress(ctx: Context) -> str:
    """Report three steps on the way."""
    for step in (0, 50, 100):
        await ctx.report_progress(step, 100, f"{step} of 100")
    return "Done."


# Requests to the client in the middle of a call, as the handshake era has them


class Answer(BaseModel):
    response: str


class Defaults(BaseModel):
    name: str = "Ada"
    age: int = 36
    score: float = 95.5
    status: Literal["active", "inactive", "pending"] = "active"
    verified: bool = True


def titled(*names: str) -> list[dict[str, str]]:
    return [{"const": name, "title": name.title()} for name in names]


class Choices(BaseModel):
    untitledSingle: Literal["one", "two", "three"]  # noqa: N815 the suite's names
    titledSingle: Annotated[str, Field(json_schema_extra={"oneOf": titled("low", "high")})]  # noqa: N815
    legacyEnum: Annotated[str, Field(json_schema_extra={"enum": ["s", "l"], "enumNames": ["Small", "Large"]})]  # noqa: N815
    untitledMulti: Annotated[  # noqa: N815
        list[str], Field(json_schema_extra={"items": {"type": "string", "enum": ["read", "write"]}})
    ]
    titledMulti: Annotated[list[str], Field(json_schema_extra={"items": {"anyOf": titled("bug", "docs")}})]  # noqa: N815


@mcp.tool()
async def test_sampling(prompt: str, ctx: Context) -> str:
    """Ask the client's model."""
    message = SamplingMessage(role="user", content=TextContent(text=prompt))
    result = await ctx.session.create_message([message], max_tokens=100, related_request_id=ctx.request_id)
    return result.content.text if isinstance(result.content, TextContent) else "no text"


@mcp.tool()
async def test_elicitation(message: str, ctx: Context) -> str:
    """Ask the user."""
    return (await ctx.elicit(message, Answer)).action


@mcp.tool()
async def test_elicitation_sep1034_defaults(ctx: Context) -> str:
    """Ask the user, with a default for each field."""
    return (await ctx.elicit("Who are you?", Defaults)).action


@mcp.tool()
async def test_elicitation_sep1330_enums(ctx: Context) -> str:
    """Ask the user to choose, in each form that a choice can have."""
    return (await ctx.elicit("Choose.", Choices)).action


# Several rounds, as 2026-07-28 has them


@mcp.tool()
def test_missing_capability(ctx: Context) -> str:
    """Need a client that offers its model."""
    if ctx.client_capabilities is None or ctx.client_capabilities.sampling is None:
        needed = ClientCapabilities(sampling=SamplingCapability())
        raise MCPError(
            MISSING_REQUIRED_CLIENT_CAPABILITY,
            "This tool needs the client's model.",
            {"requiredCapabilities": needed.model_dump(exclude_none=True)},
        )
    return "The client offers its model."


@mcp.tool()
def test_input_required_result_elicitation(ctx: Context) -> str | InputRequiredResult:
    """Greet the user, whose name has to be asked for."""
    answer = (ctx.input_responses or {}).get("user_name")
    if isinstance(answer, ElicitResult) and answer.content:
        return f"Hello, {answer.content['name']}, from {ENVIRONMENT}!"
    return InputRequiredResult(input_requests={"user_name": question("What is your name?", "name")})


@mcp.tool()
def test_streaming_elicitation(ctx: Context) -> str | InputRequiredResult:
    """Ask for a name."""
    return test_input_required_result_elicitation(ctx)


@mcp.tool()
def test_input_required_result_sampling(ctx: Context) -> str | InputRequiredResult:
    """Ask the client's model for a capital."""
    if answered(ctx, "capital_question"):
        return f"The model has answered {ENVIRONMENT}."
    return InputRequiredResult(input_requests={"capital_question": sample("What is the capital of France?")})


@mcp.tool()
def test_input_required_result_list_roots(ctx: Context) -> str | InputRequiredResult:
    """Ask for the client's roots."""
    if answered(ctx, "client_roots"):
        return f"The client has named its roots to {ENVIRONMENT}."
    return InputRequiredResult(input_requests={"client_roots": ListRootsRequest()})


@mcp.tool()
def test_input_required_result_request_state(ctx: Context) -> str | InputRequiredResult:
    """Ask for a confirmation, and remember having asked."""
    if answered(ctx, "confirm") and ctx.request_state == "asked":
        return f"state-ok in {ENVIRONMENT}"
    return InputRequiredResult(input_requests={"confirm": question("Sure?", "ok", "boolean")}, request_state="asked")


@mcp.tool()
def test_input_required_result_tampered_state(ctx: Context) -> str | InputRequiredResult:
    """Ask for a confirmation, and remember having asked."""
    return test_input_required_result_request_state(ctx)


@mcp.tool()
def test_input_required_result_multiple_inputs(ctx: Context) -> str | InputRequiredResult:
    """Ask three things at once."""
    if answered(ctx, "user_name", "greeting", "client_roots"):
        return f"All is answered in {ENVIRONMENT}."
    requests: dict[str, InputRequest] = {
        "user_name": question("What is your name?", "name"),
        "greeting": sample("Generate a greeting."),
        "client_roots": ListRootsRequest(),
    }
    return InputRequiredResult(input_requests=requests, request_state="asked")


@mcp.tool()
def test_input_required_result_multi_round(ctx: Context) -> str | InputRequiredResult:
    """Ask two things, one after the other, and name the environments that did."""
    match (ctx.request_state or "").split(", "):
        case [""]:
            asked = question("Your name?", "name")
            return InputRequiredResult(input_requests={"step1": asked}, request_state=ENVIRONMENT)
        case [first]:
            asked = question("Your colour?", "color")
            return InputRequiredResult(input_requests={"step2": asked}, request_state=f"{first}, {ENVIRONMENT}")
        case rounds:
            return ", ".join([*rounds, ENVIRONMENT])


@mcp.tool()
def test_input_required_result_capabilities(ctx: Context) -> InputRequiredResult:
    """Ask only what the client can answer."""
    offered = ctx.client_capabilities
    requests: dict[str, InputRequest] = {}
    if offered and offered.sampling is not None:
        requests["sample"] = sample("Say hello.")
    if offered and offered.elicitation is not None:
        requests["ask"] = question("What is your name?", "name")
    return InputRequiredResult(input_requests=requests, request_state="asked")


# Tasks


@mcp.tool()
def greet(name: str) -> str:
    """Greet at once."""
    return f"Hello, {name}!"


@mcp.tool()
async def slow_compute(seconds: float = 0, label: str = "") -> str:
    """Compute for a while."""
    await asyncio.sleep(seconds)
    return f"{label} in {ENVIRONMENT}"


@mcp.tool()
async def failing_job() -> str:
    """Fail after a while."""
    await asyncio.sleep(0.2)
    raise RuntimeError("This job fails on purpose.")


@mcp.tool()
def protocol_error_job() -> str:
    """Fail as the protocol's own errors do."""
    raise MCPError(INTERNAL_ERROR, "This job ends with an error of the protocol.")


@mcp.tool()
def confirm_delete(filename: str, ctx: Context) -> str | InputRequiredResult:
    """Ask before a file is deleted."""
    if answered(ctx, "confirm"):
        return f"{filename} is deleted."
    return InputRequiredResult(input_requests={"confirm": question(f"Delete {filename}?", "confirm", "boolean")})


@mcp.tool()
def multi_input(ctx: Context) -> str | InputRequiredResult:
    """Ask two things at once."""
    if answered(ctx, "name", "confirm"):
        return "Both are answered."
    asked: dict[str, InputRequest] = {"name": question("Name?", "name"), "confirm": question("?", "confirm", "boolean")}
    return InputRequiredResult(input_requests=asked)


@mcp.tool()
def test_tool_with_task(ctx: Context) -> str | InputRequiredResult:
    """Greet the user in a task, whose name has to be asked for before."""
    return test_input_required_result_elicitation(ctx)


# Resources, prompts, completion


@mcp.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    """A text."""
    return f"A text of {ENVIRONMENT}."


@mcp.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """An image."""
    return base64.b64decode(PNG)


@mcp.resource("test://watched-resource", mime_type="text/plain")
def watched_resource() -> str:
    """What a client may ask to watch."""
    return "It never changes."


@mcp.resource("test://template/{id}/data", mime_type="application/json")
def template(id: str) -> str:
    """A document by its id."""
    return json.dumps({"id": id, "data": ENVIRONMENT})


@mcp.prompt()
def test_simple_prompt() -> str:
    """A prompt as it is."""
    return f"Greet {ENVIRONMENT}."


@mcp.prompt()
def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    """A prompt with two arguments."""
    return f"Say {arg1} and {arg2} to {ENVIRONMENT}."


@mcp.prompt()
def test_prompt_with_embedded_resource(resourceUri: str) -> list[Message]:  # noqa: N803 the suite's name
    """A prompt about a document."""
    return [UserMessage(document(resourceUri)), UserMessage("Sum it up.")]


@mcp.prompt()
def test_prompt_with_image() -> list[Message]:
    """A prompt about an image."""
    return [UserMessage(picture()), UserMessage("What is this?")]


@mcp.prompt()
def test_input_required_result_prompt(ctx: Context) -> str | InputRequiredResult:
    """A prompt whose context has to be asked for."""
    if answered(ctx, "user_context"):
        return f"Go on in that context in {ENVIRONMENT}."
    return InputRequiredResult(input_requests={"user_context": question("In which context?", "context")})


@mcp.completion()  # type: ignore[no-untyped-call, untyped-decorator]  # the SDK's own, without types
async def complete(
    ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument, context: CompletionContext | None
) -> Completion:
    """Places that begin as the argument does."""
    return Completion(values=[place for place in PLACES if place.startswith(argument.value)])
