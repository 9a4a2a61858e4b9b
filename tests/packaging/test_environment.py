"""What the programs that a build starts can see of the environment it runs in: no credentials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builder.installers import runs_like
from tests.zipped import INTEL, for_target, run_build, write, write_wheel

SECRET = "nobody-may-see-this"
SECRETS = {
    **dict.fromkeys(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"], SECRET),
    **dict.fromkeys(["GITHUB_TOKEN", "TF_VAR_password", "DATABASE_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"], SECRET),
    **dict.fromkeys(["UV_PUBLISH_TOKEN", "NETRC_PASSWORD", "PATHS", "MY_UV_TOKEN"], SECRET),
}
NEEDED = {
    "UV_INDEX_COMPANY_PASSWORD": "of the index",
    "PIP_INDEX_URL": "https://example.com/simple",
    "HTTPS_PROXY": "http://proxy.example.com",
    "https_proxy": "http://proxy.example.com",
    "no_proxy": "example.com",
    "SSL_CERT_FILE": "/etc/ssl/company.pem",
    "LC_ALL": "C.UTF-8",
}


def test_installers_get_what_they_need_to_reach_an_index_and_nothing_else(tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    (tmp_path / "bin").mkdir()
    uv = tmp_path / "bin" / "uv"
    uv.write_text(f"#!/bin/sh\nexport -p > {seen}\nexit 1\n")
    uv.chmod(0o755)
    source = write(tmp_path / "orders", {"server.py": "mcp = None\n"})

    code, _, _ = run_build(source, tmp_path / "a.zip", env=SECRETS | NEEDED | {"PATH": f"{uv.parent}:/usr/bin:/bin"})

    assert code == 1
    said = seen.read_text()
    assert SECRET not in said
    assert [name for name in [*NEEDED, "HOME", "PATH"] if f"export {name}=" not in said] == []


@pytest.mark.skipif(not runs_like(INTEL), reason=f"a trial import for {INTEL} runs on such a machine only")
def test_a_package_that_is_imported_for_a_trial_sees_no_credentials_and_not_the_users_home(tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    spy = f"""
import json, os
with open({str(seen)!r}, "w") as file:
    json.dump([dict(os.environ), os.listdir(os.environ["HOME"])], file)
"""
    write_wheel(tmp_path / "wheels", "spy", {"spy/__init__.py": spy})
    requirements = f"--find-links {tmp_path / 'wheels'}\nspy\n"
    source = write(tmp_path / "orders", {"server.py": "import spy\nmcp = None\n", "requirements.txt": requirements})
    home = write(tmp_path / "home", {".aws/credentials": SECRET})

    environment = SECRETS | {"HOME": str(home), "UV_INDEX_COMPANY_PASSWORD": SECRET}
    code, _, error = run_build(source, tmp_path / "a.zip", *for_target(INTEL), env=environment)

    assert (code, error) == (0, "")
    variables, found_at_home = json.loads(seen.read_text())
    assert SECRET not in variables.values()
    assert found_at_home == []
