"""What a platform team asks for, on the local AWS: a domain, a VPC, files, layers, a key, roles, and secrets."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from lab.events import message_in, modern, tool_call
from lab.local_aws import LocalAWS
from tests.authorization_server import AuthorizationServer
from tests.integration.conftest import Endpoint
from tests.integration.internet import Internet
from tests.integration.people import ask_in_python

DOMAIN = "mcp.platform.example"
URL = f"https://{DOMAIN}/mcp"
SIGNING = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0"
IN_PARAMETER, IN_SECRET = "Zq7-from-the-parameter", "Zq7-from-the-secret"


@dataclass(frozen=True)
class Platform:
    """What a platform team has before it takes the module: ARNs and ids."""

    key: str
    boundary: str
    parameter: str
    secret: str
    client_secret: str
    certificate: str
    zone: str
    subnet: str
    group: str
    access_point: str
    layer: str
    managed: str


@pytest.fixture(scope="module")
def platform(aws: LocalAWS) -> Platform:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws.client("ssm").put_parameter(Name="/platform/db", Type="SecureString", Value=IN_PARAMETER, KeyId=key)
    secret = aws.client("secretsmanager").create_secret(Name="platform/api", SecretString=IN_SECRET, KmsKeyId=key)
    client_secret = aws.client("secretsmanager").create_secret(
        Name="platform/login", SecretString="secret", KmsKeyId=key
    )
    zone = aws.client("route53").create_hosted_zone(Name="platform.example", CallerReference="platform")
    subnet = aws.client("ec2").describe_subnets()["Subnets"][0]
    vpc = [{"Name": "vpc-id", "Values": [subnet["VpcId"]]}]
    return Platform(
        key=key,
        boundary=boundary(aws, "platform"),
        parameter=arn_of(aws, "/platform/db"),
        secret=secret["ARN"],
        client_secret=client_secret["ARN"],
        certificate=aws.client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"],
        zone=zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
        subnet=subnet["SubnetId"],
        group=aws.client("ec2").describe_security_groups(Filters=vpc)["SecurityGroups"][0]["GroupId"],
        access_point=access_point(aws),
        layer=layer(aws),
        managed=boundary(aws, "platform-tools"),
    )


def access_point(aws: LocalAWS) -> str:
    """The ARN of an access point of a new file system."""
    efs = aws.client("efs")
    files = efs.create_file_system(CreationToken="platform")["FileSystemId"]
    return str(efs.create_access_point(FileSystemId=files, ClientToken="platform")["AccessPointArn"])


def layer(aws: LocalAWS) -> str:
    """The ARN of a layer's version with a module that says where it is from."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("python/layered.py", "PLACE = 'a layer'\n")
    made = aws.client("lambda").publish_layer_version(LayerName="platform", Content={"ZipFile": packed.getvalue()})
    return str(made["LayerVersionArn"])


def boundary(aws: LocalAWS, name: str, *denied: str) -> str:
    """A policy that allows everything but some actions; its ARN."""
    statements = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    statements += [{"Effect": "Deny", "Action": action, "Resource": "*"} for action in denied]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return str(aws.client("iam").create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"])


def arn_of(aws: LocalAWS, parameter: str) -> str:
    return str(aws.client("ssm").get_parameter(Name=parameter)["Parameter"]["ARN"])


@pytest.fixture(scope="module")
def deployed(deploy_stack: Callable[..., Endpoint], platform: Platform, issuer: AuthorizationServer) -> Endpoint:
    """A server with all of it, called with a token that was made for the domain's URL."""
    login = {"client_id": "desk", "client_secret": platform.client_secret, "scopes": []}
    endpoint = deploy_stack(
        "platform",
        auth={"type": "jwt", "issuer": issuer.issuer, "audience": [URL, "desk"], "login": login},
        custom_domain={"domain_name": DOMAIN, "certificate_arn": platform.certificate, "zone_id": platform.zone},
        vpc={"subnet_ids": [platform.subnet], "security_group_ids": [platform.group], "ipv6": True},
        kms_key_arn=platform.key,
        permissions_boundary_arn=platform.boundary,
        managed_policy_arns={"own": platform.managed},
        role_path="/platform/mcp/",
        file_system={"access_point_arn": platform.access_point, "mount_path": "/mnt/platform"},
        ephemeral_storage_mb=1024,
        layers=[platform.layer],
        code_signing_config_arn=SIGNING,
        log_groups_kept=True,
        secrets={"DB_PASSWORD": platform.parameter, "API_KEY": platform.secret},
    )
    return Endpoint(endpoint.url, issuer.token(aud=URL), endpoint.aws, endpoint.outputs)


def variable(endpoint: Endpoint, name: str) -> str:
    """What a tool finds in an environment variable."""
    text: str = endpoint.call(modern, "variable", key=name)["result"]["content"][0]["text"]
    return text


def test_secrets_of_both_services_are_environment_variables_of_the_tools(deployed: Endpoint) -> None:
    assert variable(deployed, "DB_PASSWORD") == IN_PARAMETER
    assert variable(deployed, "API_KEY") == IN_SECRET


def test_a_secret_is_in_no_configuration_no_state_and_no_log(deployed: Endpoint, repository: Path) -> None:
    variable(deployed, "DB_PASSWORD")
    configuration = deployed.client("lambda").get_function_configuration(FunctionName="platform")
    state = (repository / "tests/integration/platform/terraform.tfstate").read_text()
    shown = json.dumps(configuration, default=str) + state + "".join(log_of(deployed, "platform"))

    assert "DB_PASSWORD" in shown
    assert "Zq7-" not in shown


def log_of(endpoint: Endpoint, name: str) -> list[str]:
    """All lines in the log of a server."""
    logs = endpoint.client("logs")
    return [event["message"] for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]


def test_the_key_the_boundary_and_the_vpc_are_where_they_belong(deployed: Endpoint, platform: Platform) -> None:
    function = deployed.client("lambda").get_function_configuration(FunctionName="platform")
    pages = deployed.client("logs").get_paginator("describe_log_groups").paginate()
    groups = pages.build_full_result()["logGroups"]
    named = [{"Key": "Name", "Values": ["/mcp-lambda/platform/request-state-keys"]}]
    (parameter,) = deployed.client("ssm").describe_parameters(ParameterFilters=named)["Parameters"]
    iam = deployed.client("iam")
    names = [role["RoleName"] for role in iam.list_roles(PathPrefix="/platform/")["Roles"]]
    roles = [iam.get_role(RoleName=name)["Role"] for name in names]

    assert function["KMSKeyArn"] == platform.key
    assert (function["VpcConfig"]["SubnetIds"], function["VpcConfig"]["SecurityGroupIds"]) == (
        [platform.subnet],
        [platform.group],
    )
    assert parameter["KeyId"] == platform.key
    assert [group.get("kmsKeyId") for group in groups if group["logGroupName"].endswith("/platform")] == [
        platform.key
    ] * 2
    assert [role["PermissionsBoundary"]["PermissionsBoundaryArn"] for role in roles] == [platform.boundary] * 2


def test_files_layers_storage_and_signatures_are_the_functions(deployed: Endpoint, platform: Platform) -> None:
    functions = deployed.client("lambda")
    function = functions.get_function_configuration(FunctionName="platform")
    signed = functions.get_function_code_signing_config(FunctionName="platform")

    assert function["FileSystemConfigs"] == [{"Arn": platform.access_point, "LocalMountPath": "/mnt/platform"}]
    assert function["VpcConfig"]["Ipv6AllowedForDualStack"] is True
    assert function["EphemeralStorage"] == {"Size": 1024}
    assert [layer["Arn"] for layer in function["Layers"]] == [platform.layer]
    assert signed["CodeSigningConfigArn"] == SIGNING


def test_a_tool_finds_what_a_layer_brings(deployed: Endpoint) -> None:
    answer = deployed.call(modern, "constant", module="layered", attribute="PLACE")
    assert answer["result"]["content"][0]["text"] == "a layer"


def test_the_role_has_its_path_its_region_and_the_managed_policies(deployed: Endpoint, platform: Platform) -> None:
    iam = deployed.client("iam")
    names = sorted(role["RoleName"] for role in iam.list_roles(PathPrefix="/platform/mcp/")["Roles"])
    attached = iam.list_attached_role_policies(RoleName=names[0])["AttachedPolicies"]

    assert names == [f"platform-{part}-us-east-1-platform-mcp" for part in ("lambda", "login")]
    assert [policy["PolicyArn"] for policy in attached] == [platform.managed]


def by_domain(endpoint: Endpoint, method: str, path: str, **options: Any) -> requests.Response:
    """A request as it comes by the domain: with its name as Host, and without the path that the local AWS has."""
    assert endpoint.aws
    headers = {"host": DOMAIN} | endpoint.headers | options.pop("headers", {})
    return requests.request(method, endpoint.aws.endpoint + path, headers=headers, timeout=60, **options)


def test_the_domain_leads_to_the_server_whose_metadata_names_it(deployed: Endpoint) -> None:
    event = tool_call(modern, "add", a=1, b=2)
    headers = {name: value for name, value in event["headers"].items() if name != "host"}

    answer = by_domain(deployed, "POST", "/mcp", data=event["body"], headers=headers)
    metadata = by_domain(deployed, "GET", "/.well-known/oauth-protected-resource/mcp")

    assert deployed.outputs["url"] == URL
    assert message_in(answer.text)["result"]["structuredContent"] == {"result": 3}
    assert metadata.json()["resource"] == URL


def test_people_log_in_by_the_domain(deployed: Endpoint, internet: Internet) -> None:
    """The login's role has the boundary and the path, too, and opens its keys and the secret under the team's key."""
    asked = ask_in_python(internet, URL, None, "who")

    assert json.loads(asked.text)["subject"] == "ada"


def test_the_domain_has_its_certificate_its_records_and_the_api_alone(deployed: Endpoint, platform: Platform) -> None:
    gateway, target = deployed.client("apigatewayv2"), deployed.outputs["domain_target"]
    (domain,) = gateway.get_domain_name(DomainName=DOMAIN)["DomainNameConfigurations"]
    zone = deployed.client("route53").list_resource_record_sets(HostedZoneId=platform.zone)["ResourceRecordSets"]
    records = {record["Type"]: record["AliasTarget"] for record in zone if record["Name"] == f"{DOMAIN}."}

    assert (domain["CertificateArn"], domain["SecurityPolicy"]) == (platform.certificate, "TLS_1_2")
    assert target == {"name": domain["ApiGatewayDomainName"], "zone_id": domain["HostedZoneId"]}
    assert set(records) == {"A", "AAAA"}
    assert {record["DNSName"].rstrip(".") for record in records.values()} == {target["name"]}
    assert gateway.get_api(ApiId=deployed.outputs["api_id"])["DisableExecuteApiEndpoint"] is True


def test_a_secret_that_is_not_there_ends_the_start_until_it_is(
    deploy_stack: Callable[..., Endpoint], platform: Platform, aws: LocalAWS
) -> None:
    arn = platform.parameter.replace("/platform/db", "/platform/later")
    endpoint = deploy_stack("later", secrets={"DB_PASSWORD": platform.parameter, "LATER": arn})

    refused = endpoint.post(modern("tools/list"))
    aws.client("ssm").put_parameter(Name="/platform/later", Type="SecureString", Value=IN_SECRET)

    assert refused.status_code == 500
    assert message_in(refused.text)["error"]["message"] == "This MCP server could not be started; its log says why."
    assert variable(endpoint, "LATER") == IN_SECRET
    said = "".join(log_of(endpoint, "later"))
    assert f"The secret LATER ({arn}) cannot be read: GetParameter was refused with 400 ParameterNotFound" in said
    assert "Store it, or correct its ARN in secrets." in said
    assert "Zq7-" not in said


def test_a_secret_that_may_not_be_read_ends_the_start_and_says_what_aws_said(
    deploy_stack: Callable[..., Endpoint], platform: Platform, aws: LocalAWS
) -> None:
    denied = boundary(aws, "no-secrets", "secretsmanager:GetSecretValue")
    endpoint = deploy_stack("denied", secrets={"API_KEY": platform.secret}, permissions_boundary_arn=denied)

    assert endpoint.post(modern("tools/list")).status_code == 500
    said = "".join(log_of(endpoint, "denied"))
    assert f"The secret API_KEY ({platform.secret}) cannot be read: GetSecretValue was refused with" in said
    assert "AccessDeniedException" in said
    assert "allow kms:Decrypt on that key in policy_json" in said
    assert "Zq7-" not in said
