"""Real servers from PyPI as their authors have them: source distributions, which pip fetches and nothing commits.

A test asks for one by its exact release and gets a folder of its own that it may change:

    from tests.sdists import project

    source = project("mcp-server-time", "2026.10.19", tmp_path)
    code, said, error = run_build(source, tmp_path / "time.zip")
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from lab.local_aws import REPOSITORY

FETCHED = REPOSITORY / ".build" / "sdists"
"""Where what was fetched once stays; git ignores it."""


def project(name: str, version: str, parent: Path) -> Path:
    """A copy of a release's source, as a new folder `NAME-VERSION` in `parent`."""
    release = f"{name}-{version}"
    with tarfile.open(_fetched(name, version)) as archive:
        archive.extractall(parent / f"{release}.tar", filter="data")
    (root,) = (parent / f"{release}.tar").iterdir()  # an sdist has one folder, however the name is spelt
    shutil.move(root, parent / release)
    (parent / f"{release}.tar").rmdir()
    return parent / release


def _fetched(name: str, version: str) -> Path:
    """The release's archive, fetched at the first call."""
    place = FETCHED / f"{name}-{version}.tar.gz"
    if not place.exists():
        FETCHED.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FETCHED) as work:  # several processes may fetch the same
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", name]
            subprocess.run([*command, "--dest", work, f"{name}=={version}"], check=True, capture_output=True)
            (archive,) = Path(work).iterdir()
            archive.replace(place)
    return place
