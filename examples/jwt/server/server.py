"""Release bookkeeping for build machines: which version comes next, what is in it, and who asks."""

import re
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

mcp = MCPServer("releases")

Commits = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1, description="whole messages")]
CONVENTIONAL = re.compile(r"^(?P<type>[a-z]+)(\([^)]*\))?(?P<breaking>!)?: ")


class Release(BaseModel):
    """The next version of a package, and why it is that one."""

    version: str
    bump: Literal["major", "minor", "patch"]
    because: str


def weigh(commit: str) -> Literal["major", "minor", "patch"]:
    """Say what a commit message in the Conventional Commits form does to the version."""
    subject = CONVENTIONAL.match(commit)
    if "BREAKING CHANGE:" in commit or (subject and subject["breaking"]):
        return "major"
    return "minor" if subject and subject["type"] == "feat" else "patch"


@mcp.tool()
def next_version(current: str, commits: Commits) -> Release:
    """Find the next semantic version after `current` from the commit messages (Conventional Commits) since then."""
    parts = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", current)
    if not parts:
        raise ToolError(f"{current!r} is not a version like 1.4.2")
    major, minor, patch = map(int, parts.groups())
    versions = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}
    deciding = min(commits, key=lambda commit: list(versions).index(weigh(commit)))
    bump = weigh(deciding)
    return Release(version=".".join(map(str, versions[bump])), bump=bump, because=deciding.splitlines()[0])


@mcp.tool()
def release_notes(version: str, commits: Commits) -> str:
    """Write the release notes of a version, in Markdown, from its commit messages (Conventional Commits)."""
    headings = {"major": "Breaking changes", "minor": "New", "patch": "Fixed and improved"}
    lines = [f"## {version}"]
    for bump, heading in headings.items():
        subjects = [CONVENTIONAL.sub("", commit.splitlines()[0]) for commit in commits if weigh(commit) == bump]
        lines += ["", f"### {heading}", *(f"- {subject}" for subject in subjects)] if subjects else []
    return "\n".join(lines)


@mcp.tool()
def who_am_i() -> str:
    """Say which client calls, and what its token allows."""
    caller = get_access_token()
    if caller is None:
        raise ToolError("the call carried no verified identity")
    return f"{caller.client_id} may {', '.join(caller.scopes) or 'nothing'}"
