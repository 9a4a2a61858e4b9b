"""A stack that is live is changed, where the local AWS refuses what AWS refuses."""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tftest
from botocore.exceptions import ClientError

from lab.events import modern
from lab.local_aws import LocalAWS
from tests.authorization_server import AuthorizationServer
from tests.integration.changes import CIRCUIT, Inputs, Surroundings, auths, inputs, start
from tests.integration.conftest import Endpoint

DeployStack = Callable[..., Endpoint]

AUTHORIZER = 'def handler(event, context):\n    return {"isAuthorized": False}\n'
SERVER = "from mcp.server.mcpserver import MCPServer\n\napp = MCPServer('packed')\n"
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
    """A stack with nothing but the module, whose inputs are written anew before each apply.

    Attributes:
        aws: The local AWS that it runs on.
        outputs: Its outputs after the last apply.
    """

    def __init__(self, root: Path, aws: LocalAWS, region: str = "us-east-1") -> None:
        root.mkdir()
        self.aws = aws
        self.outputs: dict[str, Any] = {}
        self._root = root
        self._environ = os.environ | aws.environ | {"AWS_REGION": region}

    def apply(self, values: Inputs) -> None:
        """Apply these inputs, and find that nothing is left for another apply."""
        outputs = {name: {"value": f"${{module.mcp.{name}}}"} for name in ("api_id", "live_version", "role_name")}
        stack = {"module": {"mcp": {"source": "../../.."} | values}, "output": outputs, "provider": {"aws": {}}}
        (self._root / "main.tf.json").write_text(json.dumps(stack))
        if not (self._root / ".terraform").exists():
            self.terraform("init")
        self.terraform("apply", "-auto-approve", "-refresh=false")
        self.terraform("plan", "-detailed-exitcode", "-refresh=false")
        shown = json.loads(self.terraform("output", "-json"))
        self.outputs = {name: output["value"] for name, output in shown.items()}

    def terraform(self, *arguments: str) -> str:
        """Run a command of Terraform that has to succeed, and give what it says."""
        command = ["terraform", *arguments, "-no-color"]
        ran = subprocess.run(command, cwd=self._root, env=self._environ, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{arguments}: {ran.stdout[-3000:]}{ran.stderr}"
        return ran.stdout

    def status(self) -> int:
        """How the endpoint answers a caller without credentials."""
        return Endpoint(self.aws.url(self.outputs["api_id"])).post(modern("tools/list")).status_code


@pytest.fixture(scope="module")
def live(aws: LocalAWS, repository: Path, around: Surroundings) -> Stack:
    """A live stack as it is at the start."""
    stack = Stack(repository / "tests/integration/changed", aws)
    stack.apply(start(around))
    return stack


def test_the_switches_of_auth_are_all_that_there_are(around: Surroundings) -> None:
    kinds = auths(around)
    assert sorted(pairwise(CIRCUIT)) == sorted((a, b) for a in kinds for b in kinds if a != b)


def test_every_input_is_changed_on_a_live_stack_and_back_in_one_apply_each(live: Stack, around: Surroundings) -> None:
    before = all_that_is_there(live.aws, "changed")
    statuses = [live.status()]
    for step in range(1, len(CIRCUIT)):
        live.apply(inputs(around, step, int(live.outputs["live_version"])))
        statuses.append(live.status())

    assert statuses == [STATUSES[kind] for kind in CIRCUIT]
    assert all_that_is_there(live.aws, "changed") == before
    assert not any(all_that_is_there(live.aws, "renamed").values())
    live.terraform("plan", "-detailed-exitcode")


def all_that_is_there(aws: LocalAWS, name: str) -> dict[str, Any]:
    """What AWS has of a server, without what differs from apply to apply: ids, times and versions."""
    functions, iam, logs, gateway = (aws.client(service) for service in ("lambda", "iam", "logs", "apigatewayv2"))
    apis = [api for api in gateway.get_apis(MaxResults="500")["Items"] if api["Name"] == name]
    listed = functions.list_functions()["Functions"]
    parameter = [{"Key": "Name", "Option": "Contains", "Values": [f"/{name}/"]}]
    return {
        "functions": [
            without(function, "LastModified", "RevisionId", "Version", "CodeSha256", "LoggingConfig", "Role")
            | {"logs": function["LoggingConfig"]["LogGroup"]}
            for function in listed
            if function["FunctionName"] in (name, f"{name}-authorizer")
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
                [stage["DefaultRouteSettings"] for stage in gateway.get_stages(ApiId=api["ApiId"])["Items"]],
            ]
            for api in apis
        ],
        "domains": gateway.get_domain_names()["Items"],
        "alarms": {
            alarm["AlarmName"]: (alarm["Threshold"], alarm["AlarmActions"])
            for alarm in aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{name}-")["MetricAlarms"]
        },
        "dashboards": aws.client("cloudwatch").list_dashboards(DashboardNamePrefix=name)["DashboardEntries"],
        "queries": logs.describe_query_definitions(queryDefinitionNamePrefix=f"mcp/{name}/")["queryDefinitions"],
        "parameters": [
            without(found, "LastModifiedDate", "Version")
            for found in aws.client("ssm").describe_parameters(ParameterFilters=parameter)["Parameters"]
        ],
    }


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """A record without some of its fields."""
    return {name: value for name, value in record.items() if name not in names}


def test_one_name_serves_in_two_regions_and_logs_are_kept_on_demand(
    live: Stack, around: Surroundings, repository: Path
) -> None:
    live.apply(start(around) | {"dashboard": True, "log_groups_kept": True})
    other = Stack(repository / "tests/integration/elsewhere", live.aws, "eu-west-1")
    other.apply(start(around) | {"dashboard": True})
    dashboards = live.aws.client("cloudwatch").list_dashboards(DashboardNamePrefix="changed")["DashboardEntries"]
    roles = (live.outputs["role_name"], other.outputs["role_name"])

    live.terraform("destroy", "-auto-approve")
    left = all_that_is_there(live.aws, "changed")

    assert roles == ("changed-lambda-us-east-1", "changed-lambda-eu-west-1")
    assert [entry["DashboardName"] for entry in dashboards] == ["changed-eu-west-1", "changed-us-east-1"]
    assert {kind for kind, found in left.items() if found} == {"log groups", "roles", "dashboards"}
    assert [group["logGroupName"] for group in left["log groups"]] == [
        "/aws/lambda/changed",
        "/aws/vendedlogs/apigateway/changed",
    ]
    assert left["roles"].keys() == {"changed-lambda-eu-west-1"}


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


def is_closed(aws: LocalAWS, name: str) -> bool:
    """Whether the endpoint with the generated name of an API is closed."""
    (api,) = [api for api in aws.client("apigatewayv2").get_apis(MaxResults="500")["Items"] if api["Name"] == name]
    return bool(api["DisableExecuteApiEndpoint"])
