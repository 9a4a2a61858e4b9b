"""What of the author's directory is packed, and what is refused because it must not be public or lies elsewhere."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.author import author_files
from tests.zipped import names, run_build, write

SERVER = {"server.py": "mcp = None\n"}
TERRAFORM = [
    "crash.tf.json",
    "main.tf",
    "main_override.tf",
    "modules/front/main.tofu",
    "prod.auto.tfvars",
    "prod.tfvars.json",
    "terraform.tfstate",
    "terraform.tfstate.1700000000.backup",
    "terraform.tfstate.backup",
    "terraform.tfstate.d/prod/terraform.tfstate",
    "tests/plan.tftest.hcl",
    "tfplan",
    "tfplan.json",
    "weekly.tfplan",
]
KEY = "-----BEGIN {}PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END {}PRIVATE KEY-----\n"
STATE = json.dumps({"version": 4, "terraform_version": "1.11.4", "serial": 3, "resources": []}, indent=2)

Build = Callable[..., tuple[int, str, str]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build a server with further files; exit code, stdout and stderr."""

    def run(*options: str, **files: str) -> tuple[int, str, str]:
        return run_build(write(tmp_path / "orders", SERVER | files), tmp_path / "orders.zip", *options)

    return run


@pytest.fixture
def refusal(build: Build) -> Callable[..., str]:
    """What a build says that must be refused."""

    def refuse(*options: str, **files: str) -> str:
        code, _, error = build(*options, **files)
        assert code == 1
        return error.removeprefix("build.py: error: ")

    return refuse


# Terraform's files


def test_the_files_of_a_terraform_stack_are_not_packed_and_the_build_names_them(build: Build, tmp_path: Path) -> None:
    code, said, error = build(**dict.fromkeys(TERRAFORM, "{}"), **{"model.tflite": "", "lib/tfplan_reader.py": ""})

    assert (code, error) == (0, "")
    packed = names(tmp_path / "orders.zip")
    assert set(packed).isdisjoint(TERRAFORM)
    assert {"server.py", "model.tflite", "lib/tfplan_reader.py"} <= set(packed)
    assert f"leaving out Terraform's files: {', '.join(TERRAFORM)}\n" in said
    assert "adding orders (3 files)" in said


def test_a_state_by_another_name_is_refused(refusal: Callable[..., str]) -> None:
    said = refusal(**{"backups/pulled.json": STATE})
    assert said.startswith("backups/pulled.json in the source directory is a state or a plan of Terraform")


def test_a_plan_by_another_name_is_refused(refusal: Callable[..., str], tmp_path: Path) -> None:
    write(tmp_path / "orders", SERVER)
    with zipfile.ZipFile(tmp_path / "orders" / "deploy.out", "w") as plan:
        plan.writestr("tfplan", "")
        plan.writestr("tfstate", STATE)
    assert refusal().startswith("deploy.out in the source directory is a state or a plan of Terraform")


# Private keys


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("certs/client.pem", KEY.format("", "")),
        ("certs/client.key", KEY.format("RSA ", "RSA ")),
        ("windows.txt", KEY.format("EC ", "EC ").replace("\n", "\r\n")),
        ("bundle.pem", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n" + KEY.format("", "")),
        ("old.pem", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEvQIBADANBgkq\n"),
        ("account.json", json.dumps({"type": "service_account", "private_key": KEY.format("", "")})),
        ("signing.py", "KEY = (\n    '-----BEGIN PRIVATE KEY-----\\n'\n    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n'\n)\n"),
        ("gpg.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBGVQ0yQBCADXJ9pC1hYV\n"),
        ("putty.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"),
        ("deploy/id_ed25519", "whatever it holds"),
        ("id_rsa", ""),
        ("store.p12", ""),
        ("store.pfx", ""),
        ("store.jks", ""),
    ],
)
def test_a_private_key_is_refused_by_name_unless_it_is_asked_for(
    refusal: Callable[..., str], tmp_path: Path, name: str, content: str
) -> None:
    assert refusal(**{name: content}).startswith(f"{name} in the source directory holds a private key")

    assert name in author_files(tmp_path / "orders", [name])


def test_what_only_speaks_of_keys_is_packed(build: Build, tmp_path: Path) -> None:
    harmless = {
        "cacert.pem": "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n",
        "public.pem": "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQ\n-----END PUBLIC KEY-----\n",
        "reader.py": "if text.startswith('-----BEGIN PRIVATE KEY-----'):\n    raise ValueError(text)\n",
        "id_map.py": "",
        "id_rsa.pub": "ssh-rsa AAAA",
        "report.zip": "PK\x03\x04 and not much more",
    }
    assert build(**harmless)[0] == 0
    assert set(names(tmp_path / "orders.zip")) >= harmless.keys()


def test_a_private_key_that_is_asked_for_must_be_there(refusal: Callable[..., str]) -> None:
    said = refusal("--private-key", "certs/client.pem", **{"client.pem": KEY.format("", "")})
    assert said.startswith("certs/client.pem is to be packed with its private key, but the source directory has no")


# Links


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("../shared/prices.txt", "leads out of the source directory"),
        ("/etc/hostname", "leads out of the source directory"),
        (".env", "leads to .env, which is not packed"),
        ("lib/terraform.tfstate", "leads to lib/terraform.tfstate, which is not packed"),
        ("venv/secret.txt", "leads to venv/secret.txt, which is not packed"),
        ("hop.txt", "leads out of the source directory"),
    ],
)
def test_a_link_to_what_would_not_be_packed_is_refused(
    refusal: Callable[..., str], tmp_path: Path, to: str, reason: str
) -> None:
    write(tmp_path / "shared", {"prices.txt": "1"})
    files = {".env": "SECRET=1", "lib/terraform.tfstate": STATE, "venv/pyvenv.cfg": "", "venv/secret.txt": ""}
    source = write(tmp_path / "orders", SERVER | files)
    if to == "hop.txt":
        (source / ".hop").symlink_to(tmp_path / "shared" / "prices.txt")
        to = ".hop"
    (source / "data").mkdir()
    (source / "data" / "linked.txt").symlink_to(source / to)

    assert refusal().startswith(f"data/linked.txt in the source directory is a link that {reason}")


def test_a_link_to_a_file_that_is_packed_counts_as_that_file(build: Build, tmp_path: Path) -> None:
    source = write(tmp_path / "orders", SERVER | {"lib/prices.txt": "1"})
    (source / "linked.txt").symlink_to(Path("lib") / "prices.txt")
    (tmp_path / "by-link").symlink_to(source)

    assert run_build(tmp_path / "by-link", tmp_path / "orders.zip")[0] == 0
    with zipfile.ZipFile(tmp_path / "orders.zip") as packed:
        assert packed.read("linked.txt") == b"1"
