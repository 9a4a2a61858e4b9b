"""The zip of a TypeScript or JavaScript server, or why there is none."""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.inputs import BuildError, File, Files, Target
from builder.node import bundle, entry, install, project, server
from builder.trial import Known
from lab.local_aws import REPOSITORY
from tests.integration.conftest import COMMANDS
from tests.zipped import names, run_build, write

LOCK: dict[str, Any] = {
    "lockfileVersion": 3,
    "packages": {"": {}, "node_modules/@modelcontextprotocol/server": {"version": "2.4.0"}},
}
SERVER = 'import { McpServer } from "@modelcontextprotocol/server";\n'
OPTIONS = ["--runtime", "nodejs24.x", "--architecture", "x86_64"]
NODE = {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"}


def locked(**packages: Any) -> str:
    """A lock with further packages, by their names with an underscore for each hyphen."""
    further = {f"node_modules/{name.replace('_', '-')}": about for name, about in packages.items()}
    return json.dumps(LOCK | {"packages": {**LOCK["packages"], **further}})


REFUSED = {
    "no package.json": ({}, "is no project of Node.js", "there must be a package.json"),
    "no lock": ({"package.json": "{}"}, "has no lock file", "`npm install` writes the package-lock.json"),
    "a lock of pnpm": (
        {"package.json": "{}", "pnpm-lock.yaml": ""},
        "has pnpm-lock.yaml, but the build installs with npm alone",
        "npm install --package-lock-only",
    ),
    "a lock of npm 6": (
        {"package.json": "{}", "package-lock.json": '{"lockfileVersion": 1}'},
        "is of npm 6 or older",
        "`npm install`",
    ),
    "no JSON": ({"package.json": "{", "package-lock.json": "{}"}, "package.json cannot be read as JSON", "correct it"),
    "a link": (
        {"package.json": "{}", "package-lock.json": locked(shared={"link": True, "resolved": "../shared"})},
        "takes shared (../shared) from a folder",
        "publish the package",
    ),
    "no SDK": (
        {"package.json": "{}", "package-lock.json": '{"packages": {}}'},
        "has no SDK",
        "npm install @modelcontextprotocol/server",
    ),
    "SDK 1": (
        {
            "package.json": '{"dependencies": {"@modelcontextprotocol/sdk": "^1.20.0"}}',
            "package-lock.json": '{"packages": {}}',
        },
        "is written for SDK 1 (@modelcontextprotocol/sdk), but the host serves SDK 2",
        "migration",
    ),
    "an SDK that is too old": (
        {"package.json": "{}", "package-lock.json": locked().replace("2.4.0", "2.3.1")},
        "has @modelcontextprotocol/server 2.3.1, but the host needs 2.4 or newer",
        "@latest",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_project_that_cannot_be_built_is_refused_with_the_way_out(case: str, tmp_path: Path) -> None:
    files, why, way_out = REFUSED[case]

    with pytest.raises(BuildError) as refused:
        project.read_project(write(tmp_path, files))

    assert why in str(refused.value)
    assert way_out in str(refused.value)


def files_of(root: Path) -> Files:
    return {path.relative_to(root).as_posix(): File(path, "server") for path in root.rglob("*") if path.is_file()}


FOUND = {
    "server:default": {"server.ts": "export default 1;", "src/other.ts": f"{SERVER}export const a = new McpServer(1);"},
    "src/index:default": {"src/index.ts": f"{SERVER}export default () => new McpServer(info);"},
    "index:server": {"index.mts": f"{SERVER}export const server = new McpServer(info);"},
    "lib/make:createServer": {
        "lib/make.js": f"{SERVER}export function createServer() {{ return new McpServer(info); }}"
    },
    "app:makeServer": {"app.ts": f"{SERVER}export const makeServer = (): McpServer => new McpServer(info);"},
    "web:handler": {
        "web.ts": 'import { createMcpHandler } from "@modelcontextprotocol/server";\n'
        "export const handler = createMcpHandler(make);",
        "web.test.ts": f"{SERVER}export default new McpServer(info);",
        "util.ts": "// export default\nexport const a = 1;",
    },
}


@pytest.mark.parametrize("entrypoint", FOUND)
def test_the_one_server_is_found(entrypoint: str, tmp_path: Path) -> None:
    author = files_of(write(tmp_path, FOUND[entrypoint]))

    assert entry.find(author, tmp_path) == entrypoint
    assert entry.file_of(entrypoint, author, tmp_path) in author


def test_several_servers_are_listed_and_none_is_told(tmp_path: Path) -> None:
    several = write(tmp_path / "several", {f"{name}.ts": f"{SERVER}export default new McpServer(1);" for name in "ab"})
    none = write(tmp_path / "none", {"a.ts": "export const a = 1;"})

    with pytest.raises(BuildError, match="has several servers: set entrypoint to one of a:default, b:default"):
        entry.find(files_of(several), several)
    with pytest.raises(BuildError, match="has no server that could be found"):
        entry.find(files_of(none), none)


def test_an_entrypoint_names_a_file_and_an_export_of_it(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=re.escape("needs other.ts or other.js, there or in src")):
        entry.file_of("other:default", {"server.ts"}, tmp_path)
    with pytest.raises(BuildError, match="is not module:export"):
        entry.file_of("server", {"server.ts"}, tmp_path)
    with pytest.raises(BuildError, match=r"server.ts does not export: it exports default"):
        entry.check_export("server:mcp", ["default"], "server.ts")


SAID_BY_NPM = {
    "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json "
    "or npm-shrinkwrap.json are in sync.": "package-lock.json does not fit package.json: run `npm install`",
    "npm error code E404\nnpm error 404  'left@9.9' is not in this registry.": "the registry has no left@9.9",
    "npm error code ENOTFOUND\nnpm error network getaddrinfo ENOTFOUND registry.example": "cannot be reached",
    "npm error code EINTEGRITY\nnpm error sha512-a integrity checksum failed": "EINTEGRITY",
}


@pytest.mark.parametrize("said", SAID_BY_NPM)
def test_what_npm_says_becomes_a_sentence(said: str) -> None:
    sentence = install.explain(said, "package-lock.json")

    assert SAID_BY_NPM[said] in sentence
    assert "\n" not in sentence


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the host's own packages, beside which code can be bundled."""
    root = tmp_path_factory.mktemp("installed")
    (root / "node_modules").symlink_to(project.ROOM / "node_modules")
    return root


def bundled(code: dict[str, str], packages: Path, work: Path, **locked: Any) -> bundle.Bundle:
    folder = packages / f"code-{work.name}"
    read = project.NodeProject(write(folder, code), {f"node_modules/{n}": about for n, about in locked.items()})
    return bundle.bundle(read, folder, "server.ts", esbuild=project.ROOM, target="node22", work=work)


UNBUNDLED = {
    "a package that is not there": (
        {"server.ts": 'import x from "lodash";\nexport default x;'},
        "server.ts line 1: imports lodash, which no package of package-lock.json has",
    ),
    "an import that only the running code knows": (
        {"server.ts": "export default await import(process.argv[2]);"},
        "server.ts line 1 imports a module by a name that only the running code knows",
    ),
    "a require that only the running code knows": (
        {"server.ts": 'export { default } from "./old.cjs";', "old.cjs": "module.exports = require(process.argv[2]);"},
        "old.cjs line 1 imports a module by a name",
    ),
    "a native package": (
        {
            "server.ts": 'export { default } from "fast";',
            "node_modules/fast/package.json": '{"name": "fast", "dependencies": {"node-gyp-build": "4"}}',
            "node_modules/fast/index.js": "module.exports = 1;",
        },
        "fast is compiled for one system, which cannot be part of a bundle",
    ),
    "a file of a native package": (
        {"server.ts": 'export { default } from "quick/quick.node";', "node_modules/quick/quick.node": ""},
        "quick is compiled for one system",
    ),
    "a slip": ({"server.ts": "export default (;"}, 'server.ts line 1: Unexpected ";"'),
}


@pytest.mark.parametrize("case", UNBUNDLED)
def test_what_cannot_be_in_a_bundle_is_refused_by_name(case: str, installed: Path, tmp_path: Path) -> None:
    code, words = UNBUNDLED[case]

    with pytest.raises(BuildError) as refused:
        bundled(code, installed, tmp_path)

    assert words in str(refused.value)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    source = tmp_path / "server"
    shutil.copytree(REPOSITORY / "examples/typescript/server", source)
    return source


def test_the_zip_has_a_bundle_and_the_projects_other_files_and_the_same_bytes(example: Path, tmp_path: Path) -> None:
    write(
        example, {"data/holidays.json": "[]", ".env": "SECRET=1", "node_modules/x/index.js": "", "server.test.ts": ""}
    )
    built = [run_build(example, tmp_path / f"{n}.zip", *OPTIONS, env=NODE, trial=not n) for n in range(2)]

    assert [code for code, _, _ in built] == [0, 0], built[0][2]
    assert "started the server for a trial; it lists 2 tools" in built[0][1]
    assert names(tmp_path / "0.zip") == [
        "data/holidays.json",
        "mcp_lambda_host/author.json",
        "mcp_lambda_host/handler.mjs",
        "mcp_lambda_server.mjs",
        "package.json",
    ]
    assert (tmp_path / "0.zip").read_bytes() == (tmp_path / "1.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "0.zip") as archive:
        assert json.loads(archive.read("mcp_lambda_host/author.json"))["entrypoint"] == "server:default"
        assert b"sourceMappingURL" not in archive.read("mcp_lambda_server.mjs")


def test_a_source_map_is_added_on_demand_and_has_no_path_of_the_machine(example: Path, tmp_path: Path) -> None:
    code, _, error = run_build(example, tmp_path / "a.zip", *OPTIONS, "--source-map", env=NODE, trial=False)

    assert code == 0, error
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        known = json.loads(archive.read("mcp_lambda_server.mjs.map"))
        assert archive.read("mcp_lambda_server.mjs").endswith(b"//# sourceMappingURL=mcp_lambda_server.mjs.map\n")
    assert "server.ts" in known["sources"]
    tops = {source.partition("/")[0] for source in known["sources"]}
    assert tops == {"server.ts", "node_modules", "host", "mcp_lambda_host"}


START = {
    "an exception, with the author's line": (
        "const none = undefined as any;\nnone.a;\n",
        True,
        "server.ts line 3: TypeError: Cannot read properties of undefined (reading 'a')",
    ),
    "a file that is written": (
        'import { writeFileSync } from "node:fs";\nwriteFileSync("x", "");\n',
        True,
        "on Lambda only files below /tmp can be written",
    ),
    "a variable that is not set": (
        'if (!process.env.TABLE) throw new Error("TABLE is not set");\n',
        False,
        "the server needs TABLE from environment or secrets",
    ),
    "the network": ('await fetch("https://example.com");\n', False, "the server needs the network"),
}


@pytest.fixture
def start(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Start a server, with this code before it is made, for a trial."""
    monkeypatch.setenv("PATH", NODE["PATH"])

    def tried(code: str, known: Known) -> None:
        source = f'{SERVER}{code}export default new McpServer({{ name: "shop", version: "1" }});\n'
        made = bundled({"server.ts": source}, installed, tmp_path)
        author = {"server.ts": File(installed / f"code-{tmp_path.name}" / "server.ts", "server")}
        files = server.zipped(author, made, "server:default", server.BUNDLE, tmp_path)
        server.try_start(files, author, Target("nodejs24.x", "x86_64"), tmp_path / "stage", known)

    return tried


@pytest.mark.parametrize("case", START)
def test_a_trial_start_shows_what_would_end_the_start_on_lambda(
    case: str, start: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    code, is_refused, words = START[case]

    said = ""
    try:
        start(code, Known({}))
    except BuildError as error:
        said = str(error)

    assert bool(said) is is_refused
    assert words in (said or capsys.readouterr().out)


def test_a_scope_for_what_the_server_has_not_ends_the_build(start: Callable[..., None]) -> None:
    with pytest.raises(BuildError, match="required_scopes names what the server 'shop' does not have: tools/sell"):
        start("", Known({}, {"required_scopes": ["tools/sell"], "tasks": []}))


def test_sdk_1_compatibility_is_refused_for_node(example: Path, tmp_path: Path) -> None:
    code, _, error = run_build(example, tmp_path / "a.zip", *OPTIONS, "--sdk-1-compatibility")

    assert code == 1
    assert "sdk_1_compatibility is for servers of Python" in error
