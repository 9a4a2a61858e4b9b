"""Which distribution brings a module that is missing: as installed ones say, or else by a list of well-known names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from .inputs import CONTRACT
from .requirements import normal

KNOWN = {
    "Crypto": "pycryptodome",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google": "the google-… package that has it",
    "httpx": "httpx",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "multipart": "python-multipart",
    "mysql": "mysql-connector-python",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pydantic_settings": "pydantic-settings",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "telegram": "python-telegram-bot",
    "usb": "pyusb",
    "websocket": "websocket-client",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
"""Distributions by a module of theirs that has another name, or that a server for SDK 1 of MCP had without asking."""

ONCE_BROUGHT = {"httpx", "pydantic_settings"}
"""Modules that came with SDK 1 of MCP and do not with SDK 2."""


def bringing(modules: Iterable[str], source: Path) -> dict[str, str]:
    """The distributions that bring modules, by the module, of those for which one is known.

    Args:
        modules: Their whole names, such as `google.cloud.storage`.
        source: The author's directory, whose virtual environments are looked at, too.
    """
    installed: dict[str, str] = {}
    for distribution in distributions(path=[*sys.path, *_virtual_environments(source)]):
        for module in _modules(distribution):
            installed.setdefault(module, normal(distribution.name))
    found = {}
    for module in modules:
        above = [module, *_above(module)]
        name = next((installed[each] for each in above if each in installed), KNOWN.get(above[-1]))
        if name:
            found[module] = f"{name}{', which mcp 2 no longer brings' if above[-1] in ONCE_BROUGHT else ''}"
    return found


def _virtual_environments(source: Path) -> Iterator[str]:
    """Folders of packages in virtual environments of the author's directory, and in the one that is active."""
    active = os.environ.get("VIRTUAL_ENV")
    for folder in [*source.iterdir(), *([Path(active)] if active else [])]:
        if (folder / CONTRACT["virtual_environment_file"]).is_file():
            yield from map(str, folder.glob("lib/python*/site-packages"))


def _modules(distribution: Distribution) -> Iterator[str]:
    """The modules of a distribution, without folders that several may have files in."""
    files = [file for file in distribution.files or () if file.suffix in (".py", ".so", ".pyd")]
    for file in files:
        yield ".".join([*file.parent.parts, *([] if file.name == "__init__.py" else [file.name.split(".")[0]])])
    if not files:  # it is installed as editable, or by a system's own packages
        yield from (distribution.read_text("top_level.txt") or "").split()


def _above(module: str) -> Iterator[str]:
    """The packages that a module is in, the innermost first."""
    while module := module.rpartition(".")[0]:
        yield module
