"""Run a workflow of GitHub Actions here: its own steps, with stand-ins for the actions it uses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Environ = dict[str, str]


@dataclass
class Workflow:
    """A workflow file, and where it runs.

    Attributes:
        file: The YAML file.
        sign_in: For the inputs of configure-aws-credentials and the job's environment, the variables that it would set.
        variables: Per GitHub environment, its `vars`.
        artifacts: A directory for what jobs hand on.
        environ: Variables of every step, over those of the file.
    """

    file: Path
    sign_in: Callable[[dict[str, str], str], Environ]
    variables: dict[str, Environ]
    artifacts: Path
    environ: Environ
    needs: dict[str, str] = field(default_factory=dict)

    def run(self, job: str, workspace: Path) -> str:
        """Run a job in a directory that holds what a checkout would; all that its commands say.

        Raises:
            AssertionError: A command failed; its text is what the command said.
        """
        whole = yaml.safe_load(self.file.read_text())
        asked = whole["jobs"][job]
        place = asked.get("environment", "")
        known = {f"vars.{name}": value for name, value in self.variables.get(place, {}).items()} | self.needs
        environ = whole.get("env", {}) | filled(asked.get("env", {}), known) | self.environ
        said = ""
        for step in asked["steps"]:
            inputs = filled(step.get("with", {}), known)
            match step.get("uses", "").split("@")[0]:
                case "":
                    said += self._command(step, workspace, environ, known)
                case "aws-actions/configure-aws-credentials":
                    environ |= self.sign_in(inputs, place)
                case "actions/upload-artifact":
                    shutil.copy(workspace / inputs["path"], self.artifacts)
                case "actions/download-artifact":
                    shutil.copytree(self.artifacts, workspace, dirs_exist_ok=True)
        outputs = filled(asked.get("outputs", {}), known)
        self.needs |= {f"needs.{job}.outputs.{name}": value for name, value in outputs.items()}
        return said

    def _command(self, step: dict[str, Any], workspace: Path, environ: Environ, known: Environ) -> str:
        """Run a step's commands as GitHub's runners do, and note its outputs."""
        outputs = workspace / ".outputs"
        outputs.write_text("")
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env=os.environ | environ | filled(step.get("env", {}), known) | {"GITHUB_OUTPUT": str(outputs)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{step['run']}\n{ran.stdout}"
        for line in outputs.read_text().splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{name}"] = value
        return ran.stdout


def filled(values: dict[str, Any], known: Environ) -> Environ:
    """Values with each `${{ expression }}` replaced; one that is not known is a KeyError."""
    return {name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], str(v)) for name, v in values.items()}
