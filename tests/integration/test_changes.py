"""A stack that is live is changed, where the local AWS refuses what AWS refuses."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
import tftest
from botocore.exceptions import ClientError

from builder.archive import ZIPPED_LIMIT
from lab.events import modern
from lab.local_aws import LocalAWS
from tests.authorization_server import AuthorizationServer
from tests.integration.conftest import Endpoint

DeployStack = Callable[..., Endpoint]

AUTHORIZER = 'def handler(event, context):\n    return {"isAuthorized": False}\n'

CIRCUIT = [
    *("none", "iam", "none", "jwt", "none", "token", "none", "lambda", "iam", "jwt", "iam"),
    *("token", "iam", "lambda", "jwt", "token", "jwt", "lambda", "token", "lambda", "none"),
]
"""Every switch from one type of authorization to another, once."""


@pytest.fixture(scope="module")
def auth(aws: LocalAWS, issuer: AuthorizationServer) -> Iterator[dict[str, dict[str, Any]]]:
    """A value of `auth` for each type. Whatever exists for it outside of the module does."""
    ssm, functions, iam = aws.client("ssm"), aws.client("lambda"), aws.client("iam")
    ssm.put_parameter(Name="/changes/keys", Type="SecureString", Value='{"keys": []}')
    role = iam.create_role(RoleName="changes-own", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("own.py", AUTHORIZER)
    own = functions.create_function(
        FunctionName="changes-own",
        Runtime=aws.environ["TF_VAR_runtime"],
        Role=role,
        Handler="own.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    yield {
        "none": {"type": "none"},
        "iam": {"type": "iam"},
        "jwt": {"type": "jwt", "issuer": issuer.issuer, "audience": ["https://mcp.example"]},
        "token": {"type": "token", "ssm_parameter": ssm.get_parameter(Name="/changes/keys")["Parameter"]["ARN"]},
        "lambda": {"type": "lambda", "function_arn": own["FunctionArn"]},
    }
    functions.delete_function(FunctionName="changes-own")


def test_the_switches_are_all_that_there_are(auth: dict[str, dict[str, Any]]) -> None:
    assert sorted(pairwise(CIRCUIT)) == sorted((a, b) for a in auth for b in auth if a != b)


def test_each_type_of_authorization_can_follow_each_other_one(
    deploy_stack: DeployStack, auth: dict[str, dict[str, Any]]
) -> None:
    answers = {"none": 200, "iam": 403, "jwt": 401, "token": 401, "lambda": 401}
    endpoint = deploy_stack("switched", auth=auth[CIRCUIT[0]])
    seen = []
    with met(endpoint) as met_meanwhile:
        for kind in CIRCUIT:
            deploy_stack("switched", auth=auth[kind])
            seen.append((kind, endpoint.post(modern("tools/list")).status_code))

    assert seen == [(kind, answers[kind]) for kind in CIRCUIT]
    assert met_meanwhile <= {200, 401, 403}
    assert endpoint.client("apigatewayv2").get_authorizers(ApiId=endpoint.outputs["api_id"])["Items"] == []


def test_a_key_that_is_taken_away_is_used_for_nothing_any_more(deploy_stack: DeployStack, aws: LocalAWS) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    deploy_stack("unlocked", kms_key_arn=key)
    endpoint = deploy_stack("unlocked")
    of_function = endpoint.client("lambda").get_function_configuration(FunctionName="unlocked")
    (parameter,) = endpoint.client("ssm").describe_parameters(
        ParameterFilters=[{"Key": "Name", "Option": "Contains", "Values": ["/unlocked/"]}]
    )["Parameters"]
    groups = [
        group
        for prefix in ("/aws/lambda/unlocked", "/aws/vendedlogs/apigateway/unlocked")
        for group in endpoint.client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    ]

    assert parameter["KeyId"] == "alias/aws/ssm"
    assert not of_function.get("KMSKeyArn")
    assert [group.get("kmsKeyId") for group in groups] == [None, None]


def test_a_domain_that_cannot_be_made_leaves_the_generated_endpoint_open(
    deploy_stack: DeployStack, aws: LocalAWS
) -> None:
    deploy_stack("domain")
    domain = {"domain_name": "changes.example.com", "certificate_arn": ""}
    missing = "arn:aws:acm:us-east-1:000000000000:certificate/12345678-aaaa-bbbb-cccc-1234567890ab"
    with pytest.raises(tftest.TerraformTestError, match="does not exist"):
        deploy_stack("domain", custom_domain=domain | {"certificate_arn": missing})
    assert is_closed(aws, "domain") is False

    certificate = aws.client("acm").request_certificate(DomainName="changes.example.com")["CertificateArn"]
    kept = domain | {"certificate_arn": certificate, "keep_generated": "true"}
    deploy_stack("domain", custom_domain=kept)
    assert is_closed(aws, "domain") is False
    deploy_stack("domain", custom_domain=domain | {"certificate_arn": certificate})
    assert is_closed(aws, "domain") is True
    deploy_stack("domain")
    assert is_closed(aws, "domain") is False


def test_a_function_that_leaves_its_vpc_holds_nothing_there(deploy_stack: DeployStack, aws: LocalAWS) -> None:
    ec2 = aws.client("ec2")
    network = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(VpcId=network, GroupName="server", Description="server")["GroupId"]

    deploy_stack("left", vpc={"subnet_ids": [subnet], "security_group_ids": [group]})
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_security_group(GroupId=group)
    endpoint = deploy_stack("left", versions_kept=1)

    ec2.delete_security_group(GroupId=group)
    assert endpoint.client("iam").list_role_policies(RoleName="left-lambda-us-east-1")["PolicyNames"] == ["server"]


def test_a_zip_that_is_too_large_for_a_direct_upload_goes_through_s3(
    deploy_stack: DeployStack, aws: LocalAWS, stack_package: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.zip"
    shutil.copy(stack_package, large)
    with zipfile.ZipFile(large, "a") as archive:
        archive.writestr("noise.bin", os.urandom(ZIPPED_LIMIT))
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="packages")

    endpoint = deploy_stack("bucket")
    with pytest.raises(tftest.TerraformTestError, match="Request must be smaller than"):
        deploy_stack("bucket", package_file=str(large))
    deploy_stack("bucket", package_file=str(large), package_bucket={"name": "packages", "prefix": "mcp/"})
    stored = s3.get_object(Bucket="packages", Key="mcp/bucket.zip")["Body"].read()
    of_function = endpoint.client("lambda").get_function_configuration(FunctionName="bucket")
    answer = endpoint.post(modern("tools/list"))
    deploy_stack("bucket")

    assert of_function["CodeSha256"] == b64encode(sha256(stored).digest()).decode()
    assert (len(stored) > ZIPPED_LIMIT, answer.status_code) == (True, 200)
    assert endpoint.client("lambda").get_function_configuration(FunctionName="bucket")["CodeSize"] < ZIPPED_LIMIT
    assert "Contents" not in s3.list_objects_v2(Bucket="packages")


@contextmanager
def met(endpoint: Endpoint) -> Iterator[set[int]]:
    """The statuses that callers with credentials meet meanwhile, each with others, so that no decision is kept."""
    statuses: set[int] = set()
    over = Event()

    def call() -> None:
        while not over.wait(0.1):  # so that the stack has the machine
            credentials = {"authorization": f"Bearer {uuid4()}"}
            statuses.add(endpoint.post(modern("tools/list"), headers=credentials).status_code)

    with ThreadPoolExecutor(1) as caller:
        calls = caller.submit(call)
        try:
            yield statuses
        finally:
            over.set()
            calls.result()


def is_closed(aws: LocalAWS, name: str) -> bool:
    """Whether the endpoint with the generated name of an API is closed."""
    (api,) = [api for api in aws.client("apigatewayv2").get_apis(MaxResults="500")["Items"] if api["Name"] == name]
    return bool(api["DisableExecuteApiEndpoint"])
