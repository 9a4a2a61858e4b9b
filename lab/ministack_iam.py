"""Rights and condition keys as IAM has them, where MiniStack's AUTH looks at less.

MiniStack 1.5.33 evaluates policies, boundaries and conditions, but asks nobody for the right to pass a role or to put a
web ACL before an API, knows neither the boundary that a request is about nor the tags of an API, and does not see which
function is created, which alarm's tags are read or which dashboard is written. Imported by ministack_server.py.
Sources: the Service Authorization Reference for the keys and resources of an action, and the pages that are named
below.
"""

import json
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import unquote

from ministack.core import iam_actions, iam_evaluator
from ministack.services import apigateway, apigateway_v1, iam, tagging

PASSED_ROLES = {
    "lambda": (("Role",), "lambda.amazonaws.com"),
    "apigateway": (
        ("credentialsArn", "authorizerCredentialsArn", "credentials", "authorizerCredentials"),
        "apigateway.amazonaws.com",
    ),
    "logs": (("roleArn",), "logs.amazonaws.com"),
}
"""Fields of a request that hand over a role, and who gets it (iam:PassedToService), by the service that is asked."""

INVOCATION = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")


@dataclass
class Needs:
    """What a request needs besides the right to its action: condition keys of it, and further rights."""

    keys: dict = field(default_factory=dict)
    rights: list = field(default_factory=list)  # (action, resource ARN, condition keys)


needed = ContextVar("needed")
refused = ContextVar("refused")


def replace_rights():
    """Put MiniStack's questions to a policy in the terms of the functions below."""
    resource_of, enforce, tags_of = iam_actions.extract_resource_arn, iam_evaluator.enforce, tagging.resource_tags
    denial = iam_actions.access_denied_response

    def resource_and_needs(service, method, path, headers, body, params, *rest):
        content = fields(body)
        arn = named(service, method, path, content, params, rest) or resource_of(
            service, method, path, headers, body, params, *rest
        )
        needed.set(needs_of(service, method, path, headers, content, params, arn))
        return arn

    def enforce_all(key, action, service, region, resource_arn="*", service_context=None):
        needs = needed.get(Needs())
        denied = enforce(key, action, service, region, resource_arn, {**(service_context or {}), **needs.keys})
        refused.set((action, resource_arn))
        for further, arn, keys in needs.rights:
            if denied:
                break
            refused.set((further, arn))
            denied = enforce(key, further, further.split(":")[0], region, arn, keys)
        return denied

    def deny(service, action, principal, request_id, **options):
        action, arn = refused.get((action, options.get("resource_arn", "*")))
        return denial(service, action, principal, request_id, **options | {"resource_arn": arn})

    def value_of(key, context):
        # Requests come in the clear to loopback; on AWS they come by TLS, and buckets such as that of `cdk bootstrap`
        # refuse all others.
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    resolve, iam_evaluator._resolve_condition_key = iam_evaluator._resolve_condition_key, value_of
    iam_actions.extract_resource_arn, iam_evaluator.enforce = resource_and_needs, enforce_all
    iam_actions.access_denied_response = deny
    tagging.resource_tags = lambda arn: api_tags(arn) if ":apigateway:" in arn else tags_of(arn)


def fields(body):
    """The fields of a JSON request; none of another."""
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def named(service, method, path, content, params, place):
    """The ARN of what a request is about, where MiniStack does not look for it."""
    region, account = place
    if service == "lambda" and method == "POST" and path.rstrip("/").endswith("/functions"):
        return f"arn:aws:lambda:{region}:{account}:function:{content.get('FunctionName', '*')}"
    if service == "dynamodb":
        return content.get("ResourceArn")  # of requests about tags; of others MiniStack knows the table
    invocation = INVOCATION.fullmatch(path) if service == "lambda" else None
    if invocation:
        # A policy names what is called: a version or an alias by its own ARN (Lambda Developer Guide, "Identity-based
        # IAM policies for Lambda"). MiniStack 1.5.33 takes an ARN in the path for a name, and knows no qualifier.
        function = unquote(invocation[1]).rpartition(":function:")[2]
        name, _, qualifier = function.partition(":")
        qualifier = qualifier or "".join(params.get("Qualifier", []))
        return f"arn:aws:lambda:{region}:{account}:function:{name}{':' if qualifier else ''}{qualifier}"
    if service == "monitoring":
        # DeleteAlarms of one alarm, as Terraform's provider asks for it; DescribeAlarms needs a right to all.
        alarm = iam_actions._query_param(params, "AlarmNames.member.1")
        if alarm and iam_actions._query_param(params, "Action") == "DeleteAlarms":
            return f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm}"
        dashboards = ("DashboardName", "DashboardNames.member.1")
        dashboard = next(filter(None, (iam_actions._query_param(params, name) for name in dashboards)), None)
        if dashboard:
            return f"arn:aws:cloudwatch::{account}:dashboard/{dashboard}"
        return content.get("ResourceARN") or iam_actions._query_param(params, "ResourceARN")
    if service == "wafv2":
        return content.get("ResourceArn")  # of requests about what an ACL stands before
    return None


def needs_of(service, method, path, headers, content, params, arn):
    """The condition keys of a request and the rights that it needs besides."""
    if service == "iam":
        return Needs({"iam:PermissionsBoundary": boundary(params)})
    needs = Needs()
    names, receiver = PASSED_ROLES.get(service, ((), ""))
    for name in names:
        if content.get(name):
            needs.rights.append(("iam:PassRole", content[name], {"iam:PassedToService": receiver}))
    if service == "wafv2":
        needs.rights = firewall_rights(iam_actions._action_from_target(headers), content)
    if service == "apigateway":
        tags = content.get("tags") or {}
        needs.keys = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        if tags:
            needs.keys["aws:TagKeys"] = list(tags)
        # "To update the tags for a resource, the user must have PATCH permissions for that resource" (API Gateway
        # Developer Guide, Using tags to control access).
        if "/tags/" in path and method != "GET":
            needs.rights.append(("apigateway:PATCH", unquote(path.split("/tags/", 1)[1]), needs.keys))
        if sets_resource_policy(content):
            needs.rights.append(("apigateway:UpdateRestApiPolicy", arn, needs.keys))
    return needs


def sets_resource_policy(content):
    """Whether a request makes or changes a REST API with its resource policy, which takes a right of its own."""
    changes = content.get("patchOperations") or []
    return "policy" in content or any(change.get("path", "").startswith("/policy") for change in changes)


def firewall_rights(action, content):
    """Rights that a change of the web ACL before a stage needs besides that to the stage.

    "This call requires permissions that are specific to the protected resource type" (AWS WAF API Reference,
    AssociateWebACL and DisassociateWebACL): of a REST API, apigateway:SetWebACL. To put an ACL there takes a right to
    the ACL as well (Service Authorization Reference).
    """
    rights = []
    if action == "AssociateWebACL":
        rights.append(("wafv2:AssociateWebACL", content.get("WebACLArn", "*"), {}))
    if action in ("AssociateWebACL", "DisassociateWebACL"):
        rights.append(("apigateway:SetWebACL", content.get("ResourceArn", "*"), {}))
    return rights


def boundary(params):
    """The boundary that a request sets, or that of the role that it changes."""
    if iam_actions._query_param(params, "Action") in ("CreateRole", "PutRolePermissionsBoundary"):
        return iam_actions._query_param(params, "PermissionsBoundary") or None
    role = iam._roles.get(iam_actions._query_param(params, "RoleName")) or {}
    return role.get("PermissionsBoundary") or None


def api_tags(arn):
    """The tags of an API or of a domain name, which all that belongs to it inherits for this purpose.

    API Gateway's guide says so of REST APIs and domain names ("API Gateway resources that can be tagged"). Of HTTP
    APIs, the reference lists aws:ResourceTag for authorizers, routes and integrations, which have no tags of their own.
    """
    place, _, path = arn.partition("::/")
    owner = f"{place}::/{'/'.join(path.split('/')[:2])}"
    return apigateway._api_tags.get(owner) or apigateway_v1._v1_tags.get(owner) or {}
