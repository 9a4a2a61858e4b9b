"""The tools that every server of the comparison has."""

from datetime import date


def days_between(start: str, end: str) -> int:
    """Count the days from start to end, both as YYYY-MM-DD."""
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def miles_to_kilometres(miles: float, digits: int) -> float:
    """Convert miles to kilometres, rounded to digits."""
    return round(miles * 1.609344, digits)


def text_statistics(text: str) -> dict[str, int]:
    """Count the characters, words and lines of a text."""
    return {"characters": len(text), "words": len(text.split()), "lines": len(text.splitlines())}


TOOLS = [days_between, miles_to_kilometres, text_statistics]
