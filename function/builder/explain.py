"""What an installer says when it fails, in a sentence for the user."""

from __future__ import annotations

import re

from .inputs import LOCK, Target

# What uv 0.13 and pip 23.2 to 26.3 say on one line, and what it means.
NO_WHEEL = "there is no wheel of {0} for {target}, and nothing is built from source: ask for a version that has one"
NOT_FOUND = "the package index has no {0}: correct the requirement, or use an index that has it"
REASONS = {
    r"(?:Wheels are (?:required|available)|found wheels) for `([^`]+)`": NO_WHEEL,
    r"(\S+) ha(?:s|ve) no (?:usable )?wheels": NO_WHEEL,
    r"(\S+) was not found in the package registry": NOT_FOUND,
    r"there (?:is|are) no versions? of (\S+)": NOT_FOUND,
    r"only \S+ is available and you require (\S+),": NOT_FOUND,
    r"No matching distribution found for (\S+)": (
        "the package index has no {0}, or no wheel of it for {target}: correct the name, or ask for another version"
    ),
}


def explain(output: str, target: Target) -> str:
    """What an installer's messages mean, in a sentence; their last lines where that is not known."""
    lines = [line for line in output.splitlines() if line.strip()]
    text = " ".join(output.split())
    if re.search(r"Failed to fetch|Retry\(total=0,|network was disabled", text):
        last = next((line for line in reversed(lines) if "connection broken" in line), lines[-1])
        return f"the package index cannot be reached, check the network and its address ({last.strip()})"
    conflict = re.search(r"Because (.+?) and (\S+==\S+), we can conclude", text) or re.search(
        r"caused by: (.+?) The user requested \(constraint\) (\S+)", text
    )
    if conflict and re.search(rf"^{re.escape(conflict[2])}\s", LOCK.read_text("utf-8"), re.MULTILINE):
        return (
            f"requirements.txt conflicts with the host, which is locked to {conflict[2]} ({conflict[1]}): "
            "ask for a version that allows it, or leave the package out"
        )
    for pattern, sentence in REASONS.items():
        if found := re.search(pattern, text):
            return sentence.format(found[1], target=target)
    said = [line for line in lines if not line.startswith("WARNING")][-10:]
    return "\n    ".join([f"the packages could not be installed for {target}; the installer says:", *said])
