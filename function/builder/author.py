"""The author's files, without what must not be in a zip: Terraform's files, private keys, what lies elsewhere."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from .inputs import CONTRACT, LEFT_OUT, NOTHING, BuildError, File, Files, directory_files, entry_files, say
from .project import Project, roots

VIRTUAL_ENVIRONMENT = CONTRACT["virtual_environment_file"]

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


NOT_THE_SERVER = re.compile("|".join(CONTRACT["project_left_out"]))
"""Matches what in a project's root never is the server: tests, notebooks, what was built, Docker's and CI's files."""

SELDOM = re.compile(rf"{CONTRACT['project_seldom']}|^(?:(?:uv|poetry|pdm|Pipfile)[.]lock|pylock[.](?:[^/]*[.])?toml)$")
"""Matches what in a project's root seldom is: documents, images and locks. It is packed if the code mentions it."""

CODE = re.compile(r"[.](?:py|[cm]?[jt]sx?)$")
"""Matches the name of a file of code."""

WHEELS = re.compile(r"[.]whl$")
"""Matches what installers read, and nothing can import."""


def author_files(
    source: Path,
    private_keys: Collection[str],
    project: Project | None = None,
    entrypoint: str = "",
    *,
    is_node: bool = False,
) -> Files:
    """The files to pack, by their names in the zip; `source` is resolved.

    What is on the import path of the installed project, such as the content of `src`, lies at the zip's root.

    Raises:
        BuildError: A file must not be packed. Those with a private key may, where `private_keys` names them.
    """
    is_project = is_node or project is not None
    found = dict(directory_files(source, skipped=NOT_THE_SERVER if is_project else NOTHING))
    terraform = [name for name in found if TERRAFORM.search(name)]
    if terraform:
        say(f"leaving out Terraform's files: {', '.join(terraform)}")
    seldom = _unmentioned(found) if is_project else set()
    packed = {
        name: path
        for name, path in found.items()
        if not (name in seldom or TERRAFORM.search(name) or WHEELS.search(name))
    }
    _tell_left_out(source, found.keys() - packed.keys() - set(terraform), is_project)
    for missing in sorted(set(private_keys) - packed.keys()):
        raise BuildError(
            f"{missing} is to be packed with its private key, but the source directory has no such file: name another"
        )
    for name, path in packed.items():
        _check_link(name, path, source, packed)
        _check_content(name, path, private_keys)
    import_roots = _import_roots(packed, project, entrypoint)
    files: Files = {}
    for name, path in packed.items():
        staged = _staged(name, import_roots)
        if staged in files:
            other = files[staged].path.relative_to(source)
            raise BuildError(f"{name} and {other} would both be {staged} on the import path: rename one of them")
        files[staged] = File(path, f"{source.name}/{name.split('/')[0]}")
    return files


def _unmentioned(found: Mapping[str, Path]) -> set[str]:
    """Names of files that seldom are part of a server, where its code does not mention them, or the folder."""
    seldom = {name for name in found if SELDOM.match(name)}
    sources = [path for name, path in found.items() if CODE.search(name) and name not in seldom]
    code = "\n".join(path.read_text("utf-8", errors="replace") for path in sources) if seldom else ""
    firsts = {name.split("/")[0] for name in seldom}
    mentioned = {first for first in firsts if re.search(rf"[\"'/]{re.escape(first)}[\"'/]", code)}
    return {name for name in seldom if name.split("/")[0] not in mentioned}


def _tell_left_out(source: Path, names: Iterable[str], is_project: bool) -> None:
    """Say what of the directory is not packed, and how large it is; of what is hidden nothing is said."""
    sizes = Counter[str]()
    for name in names:
        sizes[name.partition("/")[0] + "/" * ("/" in name)] += (source / name).stat().st_size
    for path in source.iterdir() if is_project else ():
        name = f"{path.name}/" if path.is_dir() else path.name
        if not LEFT_OUT.search(name) and (NOT_THE_SERVER.search(name) or (path / VIRTUAL_ENVIRONMENT).exists()):
            sizes[name] = sum(file.lstat().st_size for file in [path, *path.rglob("*")] if not file.is_dir())
    if sizes:
        told = (f"{name} ({-(-size // 1024):,} kB)" for name, size in sizes.most_common())
        say(f"leaving out what is not the server: {', '.join(told)}")


def _import_roots(names: Mapping[str, Path], project: Project | None, entrypoint: str) -> list[str]:
    """Folders whose content can be imported by its own name, the longest first.

    Without a project that is `src/`, if only there the entrypoint's module is, or any module where none is given.
    """
    if project:
        candidates = roots(project)
    else:
        code_files = {name.removeprefix("src/") for name in names if name.endswith(".py")}
        wanted = set(entry_files(entrypoint)) if entrypoint else code_files
        is_below = not wanted & names.keys() and any(f"src/{name}" in names for name in wanted)
        candidates = ["src/"] if is_below else []
    code = [path for name, path in names.items() if name.endswith(".py")] if candidates else []
    imports = "\n".join(
        line for path in code for line in path.read_text("utf-8", errors="replace").splitlines() if "import" in line
    )

    def is_package(root: str) -> bool:
        name = root.strip("/").replace("/", ".")
        named = re.search(rf"^\s*(?:from|import)\s+{re.escape(name)}\b", imports, re.MULTILINE)
        return f"{root}__init__.py" in names or bool(named) or entrypoint.startswith(f"{name}.")

    return sorted((root for root in candidates if not is_package(root)), key=len, reverse=True)


def _staged(name: str, import_roots: Iterable[str]) -> str:
    """The name in the zip of a file."""
    return name.removeprefix(next((root for root in import_roots if name.startswith(root)), ""))


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
