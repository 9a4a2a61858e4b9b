"""What an installer says when it fails, in a sentence for the user."""

from __future__ import annotations

import re

from . import versions
from .inputs import Target
from .requirements import normal
from .wanted import FLOORS

# What uv 0.13 and pip 23.2 to 26.3 say on one line, and what it means.
NO_WHEEL = "there is no wheel of {0} for {target}, and nothing is built from source: ask for a version that has one"
OTHER_WHEEL = "{0} is a wheel, but not for {target}: add one that is, or that is for any platform"
NOT_FOUND = "the package index has no {0}: correct the requirement, or use an index that has it"
REASONS = {
    r"(?:Wheels are (?:required|available)|found wheels) for `([^`]+)`": NO_WHEEL,
    r"(\S+) ha(?:s|ve) no (?:usable )?wheels": NO_WHEEL,
    r"(\S+) was not found in the package registry": NOT_FOUND,
    r"there (?:is|are) no versions? of (\S+)": NOT_FOUND,
    r"only \S+ is available and you require (\S+),": NOT_FOUND,
    r"\((?:[^)]*/)?([^)/]+\.whl)\) dependency is incompatible with the current platform": OTHER_WHEEL,
    r"ERROR: (\S+\.whl) is not a supported wheel on this platform": OTHER_WHEEL,
    r"No matching distribution found for (\S+)": (
        "the package index has no {0}, or no wheel of it for {target}: correct the name, or ask for another version"
    ),
}


def explain(output: str, target: Target, origin: str = "requirements.txt") -> str:
    """What an installer's messages mean, in a sentence; their last lines where that is not known."""
    lines = [line for line in output.splitlines() if line.strip()]
    text = " ".join(output.split())
    if is_unreachable(output):
        last = next((line for line in reversed(lines) if "connection broken" in line), lines[-1])
        return f"the package index cannot be reached, check the network and its address ({last.strip()})"
    conflict = re.search(r"Because ((?:(?!Because ).)+?) and (\S+[=>]=\S+), we can conclude", text) or re.search(
        r"caused by: (.+?) The user requested \(constraint\) (\S+)", text
    )
    if conflict and (host := _hosts(conflict[2])):
        return (
            f"{origin} conflicts with the host, which {host} ({conflict[1]}): "
            "ask for a version that allows it, or leave the package out"
        )
    for pattern, sentence in REASONS.items():
        if found := re.search(pattern, text):
            return sentence.format(found[1], target=target)
    said = [line for line in lines if not line.startswith("WARNING")][-10:]
    return "\n    ".join([f"the packages could not be installed for {target}; the installer says:", *said])


def is_unreachable(output: str) -> bool:
    """Whether an installer's messages say that it reached no index."""
    return bool(re.search(r"Failed to fetch|Retry\(total=0,|network was disabled", " ".join(output.split())))


def names_package(output: str, name: str) -> bool:
    """Whether an installer blames a package, with or without others, for that it failed.

    Args:
        output: What it says; pip also tells what it collects.
        name: The package's name, normalised.
    """
    conflict = output.partition("The conflict is caused by:")[2].partition("\n\n")[0]
    progress = r"\s*(?:WARNING|INFO|Collecting|Processing|Downloading|Using|Looking)\b"
    blamed = [line for line in (conflict or output).splitlines() if not re.match(progress, line)]
    spelt = re.escape(name).replace(r"\-", "[-_.]+")
    return bool(re.search(rf"(?<![\w.-]){spelt}(?![\w-]|\.\w)", "\n".join(blamed), re.IGNORECASE))


def _hosts(constraint: str) -> str:
    """What the host says by a constraint, "" where it is none of the host's."""
    name, _, version = re.split(r"([=>]=)", constraint, maxsplit=1)
    if versions.locked().get(normal(name)) == version:
        return f"is locked to {constraint}"
    return f"serves {name} {version} and newer" if FLOORS.get(normal(name)) == version else ""
