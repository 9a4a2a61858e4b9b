"""The author's files, without what must not be in a zip: Terraform's files, private keys, what lies elsewhere."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from pathlib import Path

from .inputs import CONTRACT, BuildError, File, Files, directory_files, say

TERRAFORM = re.compile(CONTRACT["terraform_files"])
"""Matches the name of a file of Terraform's. They change with every apply, and a state or a plan has secrets in it."""

# A state, and what `terraform show -json` prints, have this near their beginning.
STATE = re.compile(rb'\s*{\s*"(?:format_)?version":[^{}\[]*"terraform_version":')

# The key itself must follow, for code may well compare with the first line. In JSON and in code, line ends are escaped.
PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[\s\"'+])+(?:[A-Za-z0-9+/=]{16}|[A-Z][\w-]+: )"
)
KEY_FILE = re.compile(r"(?:^|/)id_[^./]*$|[.](?:p12|pfx|jks|keystore)$")
"""Matches the name of a file that holds a private key, whatever its content looks like."""


def author_files(source: Path, private_keys: Collection[str]) -> Files:
    """The files to pack, by their names below `source`, which is resolved.

    Raises:
        BuildError: A file must not be packed. Those with a private key may, where `private_keys` names them.
    """
    found = dict(directory_files(source))
    terraform = [name for name in found if TERRAFORM.search(name)]
    if terraform:
        say(f"leaving out Terraform's files: {', '.join(terraform)}")
    packed = {name: path for name, path in found.items() if name not in terraform}
    for missing in sorted(set(private_keys) - packed.keys()):
        raise BuildError(
            f"{missing} is to be packed with its private key, but the source directory has no such file: name another"
        )
    for name, path in packed.items():
        _check_link(name, path, source, packed)
        _check_content(name, path, private_keys)
    return {name: File(path, f"{source.name}/{name.split('/')[0]}") for name, path in packed.items()}


def _check_link(name: str, path: Path, source: Path, packed: Collection[str]) -> None:
    """Refuse a link to what would not be packed itself."""
    target = path.resolve()
    if not target.is_relative_to(source):
        leads = f"out of the source directory, to {target}"
    elif (inside := target.relative_to(source).as_posix()) not in packed:
        leads = f"to {inside}, which is not packed"
    else:
        return
    raise BuildError(
        f"{name} in the source directory is a link that leads {leads}: put a copy in its place, or remove it"
    )


def _check_content(name: str, path: Path, private_keys: Collection[str]) -> None:
    """Refuse a state or a plan of Terraform under any name, and a private key that is not asked for."""
    content = path.read_bytes()
    if STATE.match(content) or (content.startswith(b"PK") and _is_plan(path)):
        raise BuildError(
            f"{name} in the source directory is a state or a plan of Terraform, which has the stack's secrets in it: "
            "move it out of the directory"
        )
    is_key = KEY_FILE.search(name) or PRIVATE_KEY.search(content) or content.startswith(b"PuTTY-User-Key-File-")
    if is_key and name not in private_keys:
        raise BuildError(
            f"{name} in the source directory holds a private key, which everybody could read who may read the "
            "function's code: have the server read it from a secret, or name the file in private_keys (build.py: "
            "--private-key)"
        )


def _is_plan(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "tfplan" in archive.namelist()
    except zipfile.BadZipFile:
        return False
