"""A toolbox of what language models get wrong in their heads: calendars, units and counting."""

from datetime import date, timedelta
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

mcp = MCPServer(
    "toolbox",
    instructions="Use these tools instead of estimating dates, converting units or counting words yourself.",
)

SATURDAY = 5

# Each unit as (dimension, how many of the dimension's base unit it is). Temperatures have no common zero: see below.
UNITS = {
    "mm": ("length", 0.001),
    "cm": ("length", 0.01),
    "m": ("length", 1.0),
    "km": ("length", 1000.0),
    "in": ("length", 0.0254),
    "ft": ("length", 0.3048),
    "yd": ("length", 0.9144),
    "mi": ("length", 1609.344),
    "g": ("mass", 0.001),
    "kg": ("mass", 1.0),
    "oz": ("mass", 0.028349523125),
    "lb": ("mass", 0.45359237),
    "ml": ("volume", 0.001),
    "l": ("volume", 1.0),
    "gal": ("volume", 3.785411784),
    "C": ("temperature", 1.0),
    "F": ("temperature", 5 / 9),
    "K": ("temperature", 1.0),
}
ZERO_IN_CELSIUS = {"C": 0.0, "F": -160 / 9, "K": -273.15}


class TextStatistics(BaseModel):
    """What there is to count in a text."""

    characters: int
    words: int
    sentences: int
    lines: int
    reading_seconds: Annotated[int, Field(description="at 230 words a minute")]


@mcp.tool()
def working_days(start: date, end: date, holidays: list[date] | None = None) -> int:
    """Count the working days (Monday to Friday) from start to end, both included, without the given holidays."""
    if end < start:
        raise ToolError(f"end ({end}) is before start ({start})")
    if (end - start).days > 36_600:
        raise ToolError("start and end are more than a hundred years apart")
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return sum(day.weekday() < SATURDAY and day not in (holidays or []) for day in days)


@mcp.tool()
def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Convert a length, mass, volume or temperature, such as 26.2 mi to km. units://all lists the units."""
    for unit in (from_unit, to_unit):
        if unit not in UNITS:
            raise ToolError(f"unknown unit {unit!r}; known are {', '.join(UNITS)}")
    (dimension, factor), (to_dimension, to_factor) = UNITS[from_unit], UNITS[to_unit]
    if dimension != to_dimension:
        raise ToolError(f"{from_unit} is a {dimension}, {to_unit} a {to_dimension}")
    base = value * factor + ZERO_IN_CELSIUS.get(from_unit, 0.0)
    return round((base - ZERO_IN_CELSIUS.get(to_unit, 0.0)) / to_factor, 9)


@mcp.tool()
def text_statistics(text: str) -> TextStatistics:
    """Count the characters, words, sentences and lines of a text, and estimate how long it takes to read."""
    words = text.split()
    endings = sum(word.rstrip("\"')]»”").endswith((".", "!", "?", "…")) for word in words)
    return TextStatistics(
        characters=len(text),
        words=len(words),
        sentences=max(endings, 1 if words else 0),
        lines=len(text.splitlines()),
        reading_seconds=round(len(words) / 230 * 60),
    )


@mcp.resource("units://all", mime_type="application/json")
def units() -> dict[str, list[str]]:
    """All units that convert knows, by dimension."""
    dimensions = sorted({dimension for dimension, _ in UNITS.values()})
    return {dimension: [unit for unit, (of, _) in UNITS.items() if of == dimension] for dimension in dimensions}


@mcp.prompt()
def plan_project(goal: str, start: date, working_days_available: int) -> str:
    """Plan a project with real dates."""
    return (
        f"Plan this project, which starts on {start} and may take {working_days_available} working days: {goal}\n"
        "Give every step a first and a last day, and check each span with the working_days tool."
    )
