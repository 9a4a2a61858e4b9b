"""The environment of the programs that a build starts: what they need, and so no credentials of who deploys."""

from __future__ import annotations

import os
import re
from pathlib import Path

# To run an interpreter at all.
RUN = r"PATH|LD_LIBRARY_PATH|LANG|LC_\w+|TZ|TMPDIR"
# To find an index, its password, and the way there.
REACH = "|".join(
    [
        r"HOME|USER|NETRC|XDG_\w+|PYTHON(?:PATH|HOME)|PYENV_(?:ROOT|VERSION)|(?:UV|PIP)_(?!PUBLISH_)\w+",
        r"(?:HTTPS?|ALL|NO)_PROXY|(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|(?:REQUESTS|CURL)_CA_BUNDLE",
    ]
)
# The same for npm, whose settings come in either case; the two tokens are what registries' guides write into an .npmrc.
NPM = r"npm_config_\w+|NPM_TOKEN|NODE_AUTH_TOKEN|NODE_EXTRA_CA_CERTS"
# Of these, what would install elsewhere, less, or not at all.
DROPPED = {"UV_COMPILE_BYTECODE", "UV_NO_DEPS"} | {
    f"PIP_{name}" for name in ("PREFIX", "ROOT", "USER", "REQUIRE_VIRTUALENV", "NO_DEPS", "DRY_RUN", "QUIET")
}

DROPPED_NPM = re.compile(
    r"npm_config_(?:global|prefix|local_prefix|dry_run|omit|only|production|ignore_scripts|package_lock_only|node_gyp)",
    re.IGNORECASE,
)


def is_for_installers(name: str) -> bool:
    """Whether installers get an environment variable."""
    return bool(re.fullmatch(f"{RUN}|{REACH}", name)) and name not in DROPPED


def for_installers() -> dict[str, str]:
    """What uv and pip need: settings, proxies, certificates, and the user's home, where their configuration lies."""
    return {name: value for name, value in os.environ.items() if is_for_installers(name)}


def for_npm() -> dict[str, str]:
    """What npm needs, like `for_installers`."""
    found = {name: value for name, value in os.environ.items() if re.fullmatch(NPM, name, re.IGNORECASE)}
    return for_installers() | {name: value for name, value in found.items() if not DROPPED_NPM.fullmatch(name)}


def for_packages(home: Path) -> dict[str, str]:
    """What an interpreter needs that may run code of packages; `home` is an empty directory."""
    return {name: value for name, value in os.environ.items() if re.fullmatch(RUN, name)} | {"HOME": str(home)}
