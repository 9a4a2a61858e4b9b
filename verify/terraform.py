"""Runs Terraform so that nothing it makes is lost, however the command ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from lab.local_aws import REPOSITORY, copy_of_repository

from .errors import VerifyError

WORK = REPOSITORY / ".build"
PREFIX = "verify-aws-"
SETTINGS = "terraform.tfvars.json"
FUNCTIONS = ("hooks", "authorizer")
"""Functions of one file each, in a folder of the stack that is named as they are."""

TARGET = {"runtime": "python3.13", "architecture": "arm64"}
"""As in the stack; the local AWS runs functions in its own Python, and says so in Terraform's variables."""


class Stack:
    """The throwaway stack in a directory of its own, with a copy of the module, as an apply would leave files in it.

    Attributes:
        settings: Values of its variables.
        versions: Those of Terraform and of its provider.
    """

    versions = "not applied"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.root = directory / "verify" / "stack"
        file = self.root / SETTINGS
        self.settings: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    @property
    def name(self) -> str:
        """What everything in the account is named after."""
        return self.directory.name

    def prepare(self, settings: dict[str, Any]) -> None:
        """Copy the module, build the servers' zip once for all of them, and initialise Terraform.

        Raises:
            VerifyError: One of them failed.
        """
        self.directory.mkdir(parents=True)
        copy_of_repository(self.directory, "verify")
        package = self.root / "server.zip"
        for name in FUNCTIONS:
            with ZipFile(self.root / f"{name}.zip", "w") as archive:
                archive.write(self.root / name / f"{name}.py", f"{name}.py")
        files = {f"{name}_file": str(self.root / f"{name}.zip") for name in FUNCTIONS}
        self.set(**settings, name=self.name, package_file=str(package), **files)
        build = [sys.executable, str(self.directory / "function" / "build.py"), "--output", str(package)]
        for name, usual in TARGET.items():
            build += [f"--{name}", os.environ.get(f"TF_VAR_{name}", usual)]
        self._run([*build, "--source-dir", str(self.root / "server")])
        self._terraform("init")
        found = json.loads(self._terraform("version", "-json"))
        (provider,) = found["provider_selections"].values()
        self.versions = f"Terraform {found['terraform_version']}, provider {provider}"

    def set(self, **settings: Any) -> None:
        """Give variables other values, from the next command on."""
        self.settings |= settings
        (self.root / SETTINGS).write_text(json.dumps(self.settings, indent=2))

    def apply(self) -> None:
        """Apply.

        Raises:
            VerifyError: It failed; what was made stays.
        """
        self._terraform("apply", "-auto-approve")

    def planned(self) -> list[str]:
        """Addresses of what a plan would change."""
        events = [json.loads(line) for line in self._terraform("plan", "-json").splitlines() if line.startswith("{")]
        changes = [event["change"] for event in events if event["type"] == "planned_change"]
        return [f"{change['action']} {change['resource']['addr']}" for change in changes]

    def outputs(self) -> dict[str, Any]:
        """Outputs by name, of what could be applied."""
        outputs = json.loads(self._terraform("output", "-json"))
        return {name: output["value"] for name, output in outputs.items() if output["value"] is not None}

    def destroy(self) -> None:
        """Destroy everything, and the directory with it.

        Raises:
            VerifyError: Something is left, with the directory, by which it can be destroyed.
        """
        if (self.root / "terraform.tfstate").exists():
            self.set(changed=False)  # Terraform checks variables here, too, and these were taken once
            self._terraform("destroy", "-auto-approve")
        shutil.rmtree(self.directory)

    def left(self) -> list[str]:
        """Addresses of what is still there."""
        return self._terraform("state", "list").splitlines()

    def _terraform(self, command: str, *options: str) -> str:
        if command in ("init", "apply", "destroy"):
            options = ("-input=false", *options)
        flags = [] if command == "state" or "-json" in options else ["-no-color"]
        return self._run(["terraform", command, *options, *flags])

    def _run(self, command: list[str]) -> str:
        """What a command prints. It has a session of its own, so that Ctrl-C reaches this process alone.

        Terraform that is killed forgets what it is just making. So it is asked to stop, and waited for.
        """
        with (self.directory / "log.txt").open("ab+") as log:
            begin = log.seek(0, os.SEEK_END)
            process = subprocess.Popen(command, cwd=self.root, stdout=log, stderr=log, start_new_session=True)
            try:
                process.wait()
            except KeyboardInterrupt:
                with uninterrupted():
                    process.send_signal(signal.SIGINT)
                    process.wait()
                raise
            log.seek(begin)
            said = log.read().decode(errors="replace")
        if process.returncode:
            raise VerifyError(_errors(said) or f"{' '.join(command[:2])} failed: {said.strip()[-500:]}")
        return said


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no signal end what a `with` block does, nor the processes that it starts."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def left_behind() -> list[Stack]:
    """Stacks that earlier runs could not destroy."""
    return [Stack(directory) for directory in sorted(WORK.glob(f"{PREFIX}*")) if directory.is_dir()]


def _errors(said: str) -> str:
    """The first line of each error in what Terraform or the build said."""
    found = re.findall(r"^[│\s]*((?:build\.py: )?[Ee]rror: .+)$", said, re.MULTILINE)
    return "; ".join(dict.fromkeys(line.strip() for line in found))
