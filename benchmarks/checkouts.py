"""The module as it is, and as it was at another revision: what is measured beside each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.local_aws import REPOSITORY
from lab.settings import settings_variable

NOW, BEFORE = "now", "before"

SETTINGS: dict[str, Any] = {"name": "benchmark", "entrypoint": None, "request_state_parameter": "/benchmark/keys"}
"""What is set as the module sets it; the parameter is read at its first need."""

PRINT_SETTINGS = "import json, sys; from lab.settings import settings_variable; "
PRINT_SETTINGS += "print(json.dumps(settings_variable(**json.loads(sys.argv[1]))))"


@dataclass(frozen=True)
class Checkout:
    """The files of a revision.

    Attributes:
        directory: Where they are.
        settings: The environment variable by which its host is told what to do; each revision has settings of its own.
    """

    directory: Path
    settings: Mapping[str, str]

    @property
    def has_node(self) -> bool:
        """Whether it has a host for servers in TypeScript."""
        return (self.directory / "function" / "node").is_dir()


PRESENT = Checkout(REPOSITORY, settings_variable(**SETTINGS))

Checkouts = Mapping[str, Checkout]
"""The module now, and perhaps before, by these names."""

Part = Callable[[Path, Checkouts, int], dict[str, Any]]
"""A part of the benchmarks: measures each of the checkouts in so many rounds, in an empty directory. It returns the
results by name of the checkout."""


def check_out(revision: str, directory: Path) -> Checkout:
    """The files of a revision of this repository.

    Raises:
        subprocess.CalledProcessError: There is no such revision; git says so.
    """
    directory.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", revision], cwd=REPOSITORY, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "--extract"], cwd=directory, input=archive, check=True)
    path = os.pathsep.join(map(str, (directory, directory / "function")))
    printed = subprocess.run(
        [sys.executable, "-c", PRINT_SETTINGS, json.dumps(SETTINGS)],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Checkout(directory, json.loads(printed.stdout))
