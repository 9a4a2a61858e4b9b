"""A stack that is live is changed, where the local AWS refuses what AWS refuses."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise, permutations
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
from tests.integration.changes import CIRCUITS, TYPES, Inputs, Surroundings, start, steps
from tests.integration.conftest import Endpoint

DeployStack = Callable[..., Endpoint]

AUTHORIZER = 'def handler(event, context):\n    return {"isAuthorized": False}\n'
SERVER = "from mcp.server.mcpserver import MCPServer\n\napp = MCPServer('packed')\n"
MET_MEANWHILE = {"200 OK", "401 Unauthorized", "403 Forbidden"}
REGION, ELSEWHERE = "us-east-1", "eu-west-1"
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\n"
STATUSES = {"none": 200, "iam": 403, "jwt": 401, "token": 401, "lambda": 401}
"""How a caller without credentials is answered, by type of authorization."""


@pytest.fixture(scope="module")
def around(
    aws: LocalAWS, issuer: AuthorizationServer, stack_package: Path, tmp_path_factory: pytest.TempPathFactory
) -> Surroundings:
    """What the inputs name, and exists outside of the module."""
    ssm, functions, iam, ec2, efs = (aws.client(name) for name in ("ssm", "lambda", "iam", "ec2", "efs"))
    source = tmp_path_factory.mktemp("packed")
    (source / "main.py").write_text(SERVER)
    (source / "client.pem").write_text(PRIVATE_KEY)
    ssm.put_parameter(Name="/changes/keys", Type="SecureString", Value='{"keys": []}')
    ssm.put_parameter(Name="/changes/db", Type="SecureString", Value="secret")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    aws.client("s3").create_bucket(Bucket="changes")
    zone = aws.client("route53").create_hosted_zone(Name="example.com", CallerReference="changes")
    subnet = ec2.describe_subnets()["Subnets"][0]
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])
    files = efs.create_file_system(CreationToken="changes")["FileSystemId"]
    return Surroundings(
        package_file=str(stack_package),
        source_dir=str(source),
        runtime=aws.environ["TF_VAR_runtime"],
        architecture=aws.environ["TF_VAR_architecture"],
        issuer=issuer.issuer,
        keys=ssm.get_parameter(Name="/changes/keys")["Parameter"]["ARN"],
        authorizer=own_authorizer(aws),
        secret=ssm.get_parameter(Name="/changes/db")["Parameter"]["ARN"],
        key=aws.client("kms").create_key()["KeyMetadata"]["Arn"],
        policy=iam.create_policy(PolicyName="changes", PolicyDocument=json.dumps(everything))["Policy"]["Arn"],
        topic=aws.client("sns").create_topic(Name="changes")["TopicArn"],
        layer=functions.publish_layer_version(LayerName="changes", Content={"ZipFile": zipped("python/x.py", "")})[
            "LayerVersionArn"
        ],
        signing="arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0",
        certificate=aws.client("acm").request_certificate(DomainName="changes.example.com")["CertificateArn"],
        zone=zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
        subnet=subnet["SubnetId"],
        group=groups["SecurityGroups"][0]["GroupId"],
        access_point=efs.create_access_point(FileSystemId=files, ClientToken="changes")["AccessPointArn"],
        bucket="changes",
    )


def own_authorizer(aws: LocalAWS) -> str:
    """The ARN of an authorizer function that lets nobody in."""
    role = aws.client("iam").create_role(RoleName="changes-own", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = aws.client("lambda").create_function(
        FunctionName="changes-own",
        Runtime=aws.environ["TF_VAR_runtime"],
        Role=role,
        Handler="own.handler",
        Code={"ZipFile": zipped("own.py", AUTHORIZER)},
    )
    return str(made["FunctionArn"])


def zipped(name: str, text: str) -> bytes:
    """A zip with one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


class Stack:
    """A stack with nothing but servers, whose inputs are written anew before each apply.

    Attributes:
        aws: The local AWS that it runs on.
        outputs: Outputs of each server after the last apply.
    """

    def __init__(self, root: Path, aws: LocalAWS) -> None:
        root.mkdir()
        self.aws = aws
        self.outputs: list[dict[str, Any]] = []
        self._root = root

    def apply(self, servers: list[Inputs]) -> None:
        """Apply these inputs, and find that nothing is left for another apply."""
        (self._root / "main.tf.json").write_text(json.dumps(self._configuration(servers)))
        if not (self._root / ".terraform").exists():
            self.terraform("init")
        self.terraform("apply", "-auto-approve", "-refresh=false")
        self.terraform("plan", "-detailed-exitcode", "-refresh=false")
        values = json.loads((self._root / "terraform.tfstate").read_text())["outputs"]
        self.outputs = [values[f"server_{number}"]["value"] for number in range(len(servers))]

    @staticmethod
    def _configuration(servers: list[Inputs]) -> dict[str, Any]:
        source = {"source": "../../.."}
        told = ("api_id", "role_name")
        return {
            "module": {f"server_{number}": source | inputs for number, inputs in enumerate(servers)},
            "output": {
                f"server_{number}": {"value": {name: f"${{module.server_{number}.{name}}}" for name in told}}
                for number in range(len(servers))
            },
            "provider": {"aws": [{"region": REGION}, {"region": ELSEWHERE, "alias": "elsewhere"}]},
        }

    def terraform(self, *arguments: str) -> str:
        """Run a command of Terraform that has to succeed, and give what it says."""
        ran = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self._root,
            env=os.environ | self.aws.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{arguments}: {ran.stdout[-3000:]}{ran.stderr}"
        return ran.stdout

    def endpoints(self) -> list[Endpoint]:
        """Where each server answers."""
        return [Endpoint(self.aws.url(outputs["api_id"])) for outputs in self.outputs]


def test_the_switches_of_auth_are_all_that_there_are() -> None:
    switches = [switch for circuit in CIRCUITS for switch in pairwise(circuit)]
    assert sorted(switches) == sorted(permutations(TYPES, 2))


def test_every_input_is_changed_on_a_live_stack_and_back_in_one_apply_each(
    aws: LocalAWS, around: Surroundings, repository: Path, request: pytest.FixtureRequest
) -> None:
    servers = steps(around)[: 1 if request.config.getoption("--short") else None]
    stack = Stack(repository / "tests/integration/changed", aws)
    stack.apply([server[0] for server in servers])
    before = [all_that_is_there(aws, server[0]["name"]) for server in servers]
    for step in range(1, len(TYPES) + 1):
        with called(stack.endpoints()) as met:
            stack.apply([server[step] for server in servers])

        assert met <= MET_MEANWHILE, step
        seen = [endpoint.post(modern("tools/list")).status_code for endpoint in stack.endpoints()]
        assert seen == [STATUSES[server[step]["auth"]["type"]] for server in servers], step

    assert [all_that_is_there(aws, server[0]["name"]) for server in servers] == before
    assert not any(all_that_is_there(aws, "renamed").values())
    stack.terraform("plan", "-detailed-exitcode")


@contextmanager
def called(endpoints: list[Endpoint]) -> Iterator[set[str]]:
    """How callers are answered meanwhile, each with other credentials, so that no decision is kept."""
    met: set[str] = set()
    over = Event()

    def call() -> None:
        while not over.is_set():
            for endpoint in endpoints:
                over.wait(0.1)  # so that the stack has the machine
                credentials = {"authorization": f"Bearer {uuid4()}"}
                answer = endpoint.post(modern("tools/list"), headers=credentials)
                met.add(f"{answer.status_code} {answer.text if answer.status_code >= 500 else answer.reason}")

    with ThreadPoolExecutor(1) as caller:
        calls = caller.submit(call)
        try:
            yield met
        finally:
            over.set()
            calls.result()


def all_that_is_there(aws: LocalAWS, name: str) -> dict[str, Any]:
    """What AWS has of a server, without what differs from apply to apply: ids, times and versions."""
    functions, iam, logs, gateway = (aws.client(service) for service in ("lambda", "iam", "logs", "apigatewayv2"))
    apis = [api for api in gateway.get_apis(MaxResults="500")["Items"] if api["Name"] in (name, f"{name}-unserved")]
    listed = functions.list_functions()["Functions"]
    parameter = [{"Key": "Name", "Option": "Contains", "Values": [f"/{name}/"]}]
    return {
        "functions": [
            without(function, "LastModified", "RevisionId", "Version", "CodeSha256", "LoggingConfig", "Role")
            | {"logs": function["LoggingConfig"]["LogGroup"]}
            for function in listed
            if function["FunctionName"] in (name, f"{name}-authorizer", f"{name}-login", f"{name}-tasks")
        ],
        "roles": {
            role["RoleName"]: [
                without(role, "CreateDate", "RoleId"),
                sorted(iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]),
                iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"],
            ]
            for role in iam.list_roles()["Roles"]
            if role["RoleName"].startswith(f"{name}-")
        },
        "log groups": [
            without(group, "creationTime", "storedBytes")
            for group in logs.describe_log_groups()["logGroups"]
            if f"/{name}" in group["logGroupName"]
        ],
        "apis": [
            [
                without(api, "ApiId", "ApiEndpoint", "CreatedDate"),
                sorted(route["RouteKey"] for route in gateway.get_routes(ApiId=api["ApiId"])["Items"]),
                gateway.get_authorizers(ApiId=api["ApiId"])["Items"],
                [
                    (stage["DefaultRouteSettings"], stage.get("AccessLogSettings"))
                    for stage in gateway.get_stages(ApiId=api["ApiId"])["Items"]
                ],
            ]
            for api in apis
        ],
        "domains": gateway.get_domain_names()["Items"],
        "alarms": {
            alarm["AlarmName"]: (alarm["Threshold"], alarm["AlarmActions"], alarm.get("MetricName"))
            for alarm in aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{name}-")["MetricAlarms"]
        },
        "tables": [table for table in aws.client("dynamodb").list_tables()["TableNames"] if table == f"{name}-tasks"],
        "dashboards": aws.client("cloudwatch").list_dashboards(DashboardNamePrefix=name)["DashboardEntries"],
        "queries": logs.describe_query_definitions(queryDefinitionNamePrefix=f"mcp/{name}/")["queryDefinitions"],
        "parameters": [
            without(found, "LastModifiedDate", "Version")
            for found in aws.client("ssm").describe_parameters(ParameterFilters=parameter)["Parameters"]
        ],
    }


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """A record without some of its fields, and without what is empty, which AWS may show or leave out."""
    fields = {name: without(value) if isinstance(value, dict) else value for name, value in record.items()}
    return {name: value for name, value in fields.items() if value and name not in names}


def test_one_name_serves_in_two_regions_and_logs_are_kept_on_demand(
    aws: LocalAWS, around: Surroundings, repository: Path
) -> None:
    stack = Stack(repository / "tests/integration/regions", aws)
    inputs = start(around) | {"name": "regions", "dashboard": True, "log_groups_kept": True}
    stack.apply([inputs, inputs | {"providers": {"aws": "aws.elsewhere"}}])
    dashboards = aws.client("cloudwatch").list_dashboards(DashboardNamePrefix="regions")["DashboardEntries"]

    stack.terraform("destroy", "-auto-approve")
    left = all_that_is_there(aws, "regions")

    assert [outputs["role_name"] for outputs in stack.outputs] == [
        "regions-lambda-us-east-1",
        "regions-lambda-eu-west-1",
    ]
    assert [entry["DashboardName"] for entry in dashboards] == ["regions-eu-west-1", "regions-us-east-1"]
    assert {kind for kind, found in left.items() if found} == {"log groups"}
    assert [group["logGroupName"] for group in left["log groups"]] == [
        "/aws/lambda/regions",
        "/aws/vendedlogs/apigateway/regions",
    ]


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


def is_closed(aws: LocalAWS, name: str) -> bool:
    """Whether the endpoint with the generated name of an API is closed."""
    (api,) = [api for api in aws.client("apigatewayv2").get_apis(MaxResults="500")["Items"] if api["Name"] == name]
    return bool(api["DisableExecuteApiEndpoint"])
