"""Colour contrast as WCAG 2.2 defines it, for those who write style sheets with a model."""

from typing import Annotated, Literal

from fastmcp import FastMCP
from pydantic import BaseModel, Field

mcp = FastMCP("contrast")

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#1a2b3c"])]


class Contrast(BaseModel):
    """The contrast of two colours, and what it is enough for."""

    ratio: float
    normal_text: Literal["AAA", "AA", "fails"]
    large_text: Literal["AAA", "AA", "fails"]


def luminance(colour: str) -> float:
    """Relative luminance, 0 for black to 1 for white."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def level(ratio: float, aa: float, aaa: float) -> Literal["AAA", "AA", "fails"]:
    """Which level a ratio reaches."""
    if ratio >= aaa:
        return "AAA"
    return "AA" if ratio >= aa else "fails"


@mcp.tool
def contrast(text: Colour, background: Colour) -> Contrast:
    """Say whether text can be read on a background: the contrast ratio and its WCAG level."""
    dark, light = sorted((luminance(text), luminance(background)))
    ratio = (light + 0.05) / (dark + 0.05)
    return Contrast(
        ratio=round(ratio, 2),
        normal_text=level(ratio, 4.5, 7.0),
        large_text=level(ratio, 3.0, 4.5),
    )
