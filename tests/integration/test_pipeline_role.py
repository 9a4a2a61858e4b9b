"""The role of a pipeline, whose policies the local AWS enforces: it deploys, and cannot make itself more than it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import local_aws
from lab.local_aws import LocalAWS
from tests.github import REPOSITORY, client, in_account, sign_in
from tests.workflow import Environ

ACCOUNT = "444444444444"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/toolbox-boundary"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
JWT = {"type": "jwt", "issuer": "https://login.example.com/", "audience": ["toolbox"]}
TASKS = {"tools": {"slow": "optional"}}
LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def certificate(environ: Environ, domain: str) -> str:
    """The ARN of a certificate for a domain, in the account of these variables."""
    arn: str = client("acm", environ).request_certificate(DomainName=domain)["CertificateArn"]
    return arn


def trusting(**principal: str) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]})


OTHER_DOMAIN = "orders.example.com"
UNSEEN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "firewall"}
ACL = {"Name": "firewall", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": UNSEEN}

EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
BY_LAMBDA = trusting(Service="lambda.amazonaws.com")


@pytest.fixture(scope="module")
def administrator(aws: LocalAWS) -> Environ:
    return in_account(aws, ACCOUNT)


@pytest.fixture(scope="module")
def pipeline(aws: LocalAWS, administrator: Environ, tmp_path_factory: pytest.TempPathFactory) -> Environ:
    """The variables of a job that has the role, which an administrator has applied."""
    copy = local_aws.copy_of_repository(tmp_path_factory.mktemp("role"))
    terraform = local_aws.stack(copy / "examples/github-actions-role", administrator)
    terraform.apply(tf_vars={"environment": "prod", "repository": REPOSITORY, "state_bucket": "state"})
    subject = f"repo:{REPOSITORY}:environment:prod"
    return aws.environ | sign_in(aws, terraform.output()["role_arn"], subject)


@pytest.fixture(scope="module")
def others(administrator: Environ, pipeline: Environ) -> dict[str, str]:
    """What is in the account besides: an administrator's roles, the pipeline's own, and the APIs of another team."""
    iam, gateway = client("iam", administrator), client("apigatewayv2", administrator)
    rest, firewall = client("apigateway", administrator), client("wafv2", administrator)
    for name in ("toolbox-admin", "toolbox-authorizer"):  # one has a name that the module would give, and no boundary
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=BY_LAMBDA)
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=EVERYTHING)
    client("iam", pipeline).create_role(
        RoleName="toolbox-lambda", AssumeRolePolicyDocument=BY_LAMBDA, PermissionsBoundary=BOUNDARY
    )
    api = gateway.create_api(Name="orders", ProtocolType="HTTP", Tags={"mcp-server": "orders"})["ApiId"]
    authorizer = gateway.create_authorizer(
        ApiId=api,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": "https://login.example.com/", "Audience": ["orders"]},
    )["AuthorizerId"]
    route = gateway.create_route(
        ApiId=api, RouteKey="ANY /mcp", AuthorizationType="JWT", AuthorizerId=authorizer, Target="integrations/none"
    )["RouteId"]
    gateway.create_domain_name(
        DomainName=OTHER_DOMAIN,
        DomainNameConfigurations=[{"CertificateArn": certificate(administrator, OTHER_DOMAIN)}],
        Tags={"mcp-server": "orders"},
    )
    rest_api = rest.create_rest_api(name="orders", tags={"mcp-server": "orders"})["id"]
    (root,) = rest.get_resources(restApiId=rest_api)["items"]
    rest.put_method(restApiId=rest_api, resourceId=root["id"], httpMethod="POST", authorizationType="AWS_IAM")

    own = client("apigatewayv2", pipeline).create_api(
        Name="toolbox", ProtocolType="HTTP", Tags={"mcp-server": "toolbox"}
    )
    own_rest = client("apigateway", pipeline).create_rest_api(name="toolbox", tags={"mcp-server": "toolbox"})
    return {
        "api": api,
        "authorizer": authorizer,
        "route": route,
        "rest_api": rest_api,
        "resource": root["id"],
        "acl": firewall.create_web_acl(**ACL)["Summary"]["ARN"],
        "own": own["ApiId"],
        "own_rest": own_rest["id"],
        "own_resource": own_rest["rootResourceId"],
    }


# A sentence: service, operation, its arguments, and the right that is missing. {api} and the like are of `others`.
ESCALATIONS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "make a role without the boundary": (
        "iam",
        "create_role",
        {"RoleName": "toolbox-lambda", "AssumeRolePolicyDocument": BY_LAMBDA},
        "iam:CreateRole",
    ),
    "make a role under a boundary that allows everything": (
        "iam",
        "create_role",
        {"RoleName": "toolbox-lambda", "AssumeRolePolicyDocument": BY_LAMBDA, "PermissionsBoundary": ADMINISTRATOR},
        "iam:CreateRole",
    ),
    "make a role of another name": (
        "iam",
        "create_role",
        {"RoleName": "orders-lambda", "AssumeRolePolicyDocument": BY_LAMBDA, "PermissionsBoundary": BOUNDARY},
        "iam:CreateRole",
    ),
    "make a role of a server whose name goes on": (
        "iam",
        "create_role",
        {
            "RoleName": "toolbox-lambda-2-lambda-us-east-1",
            "AssumeRolePolicyDocument": BY_LAMBDA,
            "PermissionsBoundary": BOUNDARY,
        },
        "iam:CreateRole",
    ),
    "take the boundary off its role": (
        "iam",
        "delete_role_permissions_boundary",
        {"RoleName": "toolbox-lambda"},
        "iam:DeleteRolePermissionsBoundary",
    ),
    "change the boundary of its role": (
        "iam",
        "put_role_permissions_boundary",
        {"RoleName": "toolbox-lambda", "PermissionsBoundary": ADMINISTRATOR},
        "iam:PutRolePermissionsBoundary",
    ),
    "change what the boundary allows": (
        "iam",
        "create_policy_version",
        {"PolicyArn": BOUNDARY, "PolicyDocument": EVERYTHING, "SetAsDefault": True},
        "iam:CreatePolicyVersion",
    ),
    "widen itself": (
        "iam",
        "put_role_policy",
        {"RoleName": "deploy-toolbox", "PolicyName": "all", "PolicyDocument": EVERYTHING},
        "iam:PutRolePolicy",
    ),
    "attach a policy to itself": (
        "iam",
        "attach_role_policy",
        {"RoleName": "deploy-toolbox", "PolicyArn": ADMINISTRATOR},
        "iam:AttachRolePolicy",
    ),
    "widen a role that has no boundary": (
        "iam",
        "put_role_policy",
        {"RoleName": "toolbox-authorizer", "PolicyName": "more", "PolicyDocument": EVERYTHING},
        "iam:PutRolePolicy",
    ),
    "let somebody else assume a role": (
        "iam",
        "update_assume_role_policy",
        {"RoleName": "toolbox-authorizer", "PolicyDocument": trusting(AWS="*")},
        "iam:UpdateAssumeRolePolicy",
    ),
    "pass an administrator's role to a function": (
        "lambda",
        "create_function",
        {
            "FunctionName": "toolbox",
            "Runtime": "python3.11",
            "Handler": "x.y",
            "Role": role_arn("toolbox-admin"),
            "Code": {"ZipFile": b"x"},
        },
        "iam:PassRole",
    ),
    "pass a role to API Gateway": (
        "apigatewayv2",
        "create_integration",
        {
            "ApiId": "{own}",
            "IntegrationType": "AWS_PROXY",
            "IntegrationSubtype": "SQS-SendMessage",
            "PayloadFormatVersion": "1.0",
            "CredentialsArn": role_arn("toolbox-lambda"),
        },
        "iam:PassRole",
    ),
    "make a user": ("iam", "create_user", {"UserName": "toolbox-admin"}, "iam:CreateUser"),
    "change another server's function": (
        "lambda",
        "update_function_code",
        {"FunctionName": "toolbox-2", "ZipFile": b"x"},
        "lambda:UpdateFunctionCode",
    ),
    "delete another team's authorizer": (
        "apigatewayv2",
        "delete_authorizer",
        {"ApiId": "{api}", "AuthorizerId": "{authorizer}"},
        "apigateway:DELETE",
    ),
    "open another team's route": (
        "apigatewayv2",
        "update_route",
        {"ApiId": "{api}", "RouteId": "{route}", "AuthorizationType": "NONE"},
        "apigateway:PATCH",
    ),
    "delete another team's API": ("apigatewayv2", "delete_api", {"ApiId": "{api}"}, "apigateway:DELETE"),
    "put its tag on another team's API": (
        "apigatewayv2",
        "tag_resource",
        {"ResourceArn": "arn:aws:apigateway:us-east-1::/apis/{api}", "Tags": {"mcp-server": "toolbox"}},
        "apigateway:PATCH",
    ),
    "open another team's REST API by its resource policy": (
        "apigateway",
        "update_rest_api",
        {"restApiId": "{rest_api}", "patchOperations": [{"op": "replace", "path": "/policy", "value": EVERYTHING}]},
        "apigateway:PATCH",
    ),
    "open a method of another team's REST API": (
        "apigateway",
        "update_method",
        {
            "restApiId": "{rest_api}",
            "resourceId": "{resource}",
            "httpMethod": "POST",
            "patchOperations": [{"op": "replace", "path": "/authorizationType", "value": "NONE"}],
        },
        "apigateway:PATCH",
    ),
    "deploy another team's REST API": (
        "apigateway",
        "create_deployment",
        {"restApiId": "{rest_api}", "stageName": "live"},
        "apigateway:POST",
    ),
    "delete another team's REST API": (
        "apigateway",
        "delete_rest_api",
        {"restApiId": "{rest_api}"},
        "apigateway:DELETE",
    ),
    "put its tag on another team's REST API": (
        "apigateway",
        "tag_resource",
        {"resourceArn": "arn:aws:apigateway:us-east-1::/restapis/{rest_api}", "tags": {"mcp-server": "toolbox"}},
        "apigateway:PATCH",
    ),
    "make a REST API without its tag": ("apigateway", "create_rest_api", {"name": "toolbox"}, "apigateway:POST"),
    "change the role by which all REST APIs write logs": (
        "apigateway",
        "update_account",
        {"patchOperations": [{"op": "replace", "path": "/cloudwatchRoleArn", "value": role_arn("toolbox-admin")}]},
        "apigateway:PATCH",
    ),
    "pass a role to a REST API": (
        "apigateway",
        "put_integration",
        {
            "restApiId": "{own_rest}",
            "resourceId": "{own_resource}",
            "httpMethod": "POST",
            "type": "AWS",
            "integrationHttpMethod": "POST",
            "uri": "arn:aws:apigateway:us-east-1:sqs:path/orders",
            "credentials": role_arn("toolbox-lambda"),
        },
        "iam:PassRole",
    ),
    "take the web ACL from another team's REST API": (
        "wafv2",
        "disassociate_web_acl",
        {"ResourceArn": "arn:aws:apigateway:us-east-1::/restapis/{rest_api}/stages/live"},
        "apigateway:SetWebACL",
    ),
    "put a web ACL before another team's REST API": (
        "wafv2",
        "associate_web_acl",
        {"WebACLArn": "{acl}", "ResourceArn": "arn:aws:apigateway:us-east-1::/restapis/{rest_api}/stages/live"},
        "apigateway:SetWebACL",
    ),
    "lead another team's domain to its API": (
        "apigatewayv2",
        "create_api_mapping",
        {"ApiId": "{own}", "DomainName": OTHER_DOMAIN, "Stage": "$default"},
        "apigateway:POST",
    ),
    "delete another team's domain": (
        "apigatewayv2",
        "delete_domain_name",
        {"DomainName": OTHER_DOMAIN},
        "apigateway:DELETE",
    ),
    "make an API without its tag": (
        "apigatewayv2",
        "create_api",
        {"Name": "toolbox", "ProtocolType": "HTTP"},
        "apigateway:POST",
    ),
    "make an API with another team's tag": (
        "apigatewayv2",
        "create_api",
        {"Name": "orders", "ProtocolType": "HTTP", "Tags": {"mcp-server": "orders"}},
        "apigateway:POST",
    ),
}


@pytest.mark.parametrize("attempt", ESCALATIONS)
def test_the_pipeline_cannot(attempt: str, pipeline: Environ, others: dict[str, str]) -> None:
    service, operation, arguments, action = ESCALATIONS[attempt]
    filled = {key: value.format(**others) if _is_template(value) else value for key, value in arguments.items()}

    with pytest.raises(ClientError, match=f"not authorized to perform: {action} ") as refused:
        getattr(client(service, pipeline), operation)(**filled)
    assert refused.value.response["Error"]["Code"].startswith("AccessDenied")


def test_a_role_that_the_pipeline_made_can_do_no_more_than_its_boundary_allows(
    pipeline: Environ, administrator: Environ, others: dict[str, str], aws: LocalAWS
) -> None:
    name = "toolbox-lambda"
    client("iam", pipeline).put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=EVERYTHING)
    client("iam", administrator).update_assume_role_policy(RoleName=name, PolicyDocument=trusting(AWS=ACCOUNT))

    given = client("sts", administrator).assume_role(RoleArn=role_arn(name), RoleSessionName="function")["Credentials"]
    session = aws.environ | {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
    with pytest.raises(ClientError, match="not authorized to perform: iam:CreateUser "):
        client("iam", session).create_user(UserName="administrator")


def write_inputs(root: Path, inputs: dict[str, Any]) -> None:
    """Give the example's module these inputs instead of its own, in a file that Terraform merges into it."""
    (root / "inputs_override.tf.json").write_text(json.dumps({"module": {"mcp": inputs}}))


def test_the_pipeline_applies_changes_and_destroys_a_stack(
    aws: LocalAWS, administrator: Environ, tmp_path: Path, stack_package: Path
) -> None:
    account = "555555555555"
    admin = in_account(aws, account)
    copy = local_aws.copy_of_repository(tmp_path)
    role = local_aws.stack(copy / "examples/github-actions-role", admin)
    role.apply(tf_vars={"environment": "prod", "repository": REPOSITORY, "state_bucket": "state"})
    job = aws.environ | sign_in(aws, role.output()["role_arn"], f"repo:{REPOSITORY}:environment:prod")

    root = copy / "examples/github-actions"
    shutil.copy(stack_package, root / "server.zip")
    (root / "override.tf").write_text(LOCAL_STATE)
    client("s3", admin).create_bucket(Bucket="state")
    log_role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": f"arn:aws:iam::{account}:role/logs"}
    client("apigateway", admin).update_account(patchOperations=[log_role])
    domain = {"domain_name": "toolbox.example.com", "certificate_arn": certificate(admin, "toolbox.example.com")}
    acl = client("wafv2", admin).create_web_acl(**ACL)["Summary"]["ARN"]
    terraform = local_aws.stack(root, job | {"TF_VAR_permissions_boundary_arn": role.output()["boundary_arn"]})
    functions = client("lambda", admin)

    write_inputs(root, {"auth": JWT, "tasks": TASKS})
    terraform.apply()
    (api,) = [api for api in client("apigatewayv2", admin).get_apis()["Items"] if api["Name"] == "toolbox"]
    assert client("apigatewayv2", admin).get_authorizers(ApiId=api["ApiId"])["Items"][0]["AuthorizerType"] == "JWT"
    assert functions.get_function(FunctionName="toolbox-tasks")["Configuration"]["MemorySize"] == 1024

    further = {"front": "rest", "allowed_cidrs": ["127.0.0.0/8"], "web_acl_arn": acl, "custom_domain": domain}
    kept = {"dashboard": True, "log_group_class": "INFREQUENT_ACCESS", "metrics": "none"}
    sized = {"memory_mb": 512, "throttle": {"rate": 20, "burst": 40}, "package_bucket": {"name": "state"}}
    write_inputs(root, {"auth": JWT | {"login": {"client_id": "desk"}}, "tasks": TASKS} | further | kept | sized)
    terraform.apply()
    assert functions.get_function(FunctionName="toolbox")["Configuration"]["MemorySize"] == 512
    (rest,) = client("apigateway", admin).get_rest_apis()["items"]
    (stage,) = client("wafv2", admin).list_resources_for_web_acl(WebACLArn=acl)["ResourceArns"]
    assert stage.endswith(f"/restapis/{rest['id']}/stages/live")
    assert client("apigatewayv2", admin).get_apis()["Items"] == []
    suffixes = ("", "-authorizer", "-login", "-tasks")
    made = {function["FunctionName"] for function in functions.list_functions()["Functions"]}
    assert made == {f"toolbox{suffix}" for suffix in suffixes}

    terraform.destroy()
    assert functions.list_functions()["Functions"] == []
    assert client("apigateway", admin).get_rest_apis()["items"] == []
    assert client("s3", admin).list_objects_v2(Bucket="state")["KeyCount"] == 0
    assert client("dynamodb", admin).list_tables()["TableNames"] == []
    assert [found["RoleName"] for found in client("iam", admin).list_roles()["Roles"]] == ["deploy-toolbox"]


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and "{" in value and not value.startswith('{"')
