"""Application Auto Scaling, which MiniStack 1.5.33 does not have: it keeps what it is told, and scales nothing.

Imported by ministack_server.py. Source: Application Auto Scaling API Reference.
"""

import json
import time

from ministack import app
from ministack.core import router
from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, json_response

SERVICE, TARGET_PREFIX = "application-autoscaling", "AnyScaleFrontendService"

_targets, _policies, _actions = (AccountRegionScopedDict() for _ in range(3))
_tags = AccountRegionScopedDict()


class NotFoundError(Exception):
    """There is no such target, policy or action."""


def add_scaling():
    """Let MiniStack answer requests to Application Auto Scaling."""
    router.SERVICE_PATTERNS[SERVICE] = {"target_prefixes": [TARGET_PREFIX]}
    app.SERVICE_HANDLERS[SERVICE] = handle


async def handle(method, path, headers, body, query_params):
    """Answer a request."""
    action = ACTIONS[headers["x-amz-target"].partition(".")[2]]
    try:
        return json_response(action(json.loads(body)))
    except NotFoundError as error:
        answer = {"__type": "ObjectNotFoundException", "Message": str(error)}
        return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()


def key_of(request, *names):
    """What a record is found by."""
    return (*(request[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")), *names)


def arn_of(*path):
    """The ARN of what a path names."""
    return f"arn:aws:{SERVICE}:{get_region()}:{get_account_id()}:{'/'.join(path)}"


def register(request):
    """Make a target, or change the bounds of one."""
    arn = arn_of("scalable-target", request["ResourceId"])
    bounds = {name: request[name] for name in ("MinCapacity", "MaxCapacity") if name in request}
    made = {"ScalableTargetARN": arn, "RoleARN": arn_of("role"), "CreationTime": time.time(), "SuspendedState": {}}
    named = dict(zip(("ServiceNamespace", "ResourceId", "ScalableDimension"), key_of(request), strict=True))
    _targets[key_of(request)] = _targets.get(key_of(request), made) | named | bounds
    _tags[arn] = request.get("Tags") or _tags.get(arn, {})
    return {"ScalableTargetARN": arn}


def deregister(request):
    """Delete a target with its policies and actions.

    "Deregistering a scalable target deletes the scaling policies and the scheduled actions that are associated with
    it" (DeregisterScalableTarget).
    """
    target = take(_targets, key_of(request))
    for kept in (_policies, _actions):
        for key in [key for key in kept if key[:3] == key_of(target)]:
            del kept[key]
    return {}


def describe_targets(request):
    """List the targets of some resources, or all."""
    asked = request.get("ResourceIds")
    return {"ScalableTargets": [found for found in _targets.values() if not asked or found["ResourceId"] in asked]}


def put(kept, name, arn):
    """An action that keeps a policy or a scheduled action of a target that there is."""

    def put_one(request):
        if key_of(request) not in _targets:
            raise NotFoundError(f"No scalable target registered for {request['ResourceId']}")
        made = {arn: arn_of(name, request["ResourceId"], request[name]), "CreationTime": time.time()}
        kept[key_of(request, request[name])] = made | request
        return {arn: made[arn]} | ({"Alarms": []} if kept is _policies else {})

    return put_one


def describe(kept, name, listed):
    """An action that lists the policies or scheduled actions of a target."""

    def describe_all(request):
        names, resource = request.get(f"{name}s"), request.get("ResourceId")
        found = [one for one in kept.values() if not resource or one["ResourceId"] == resource]
        return {listed: [one for one in found if not names or one[name] in names]}

    return describe_all


def delete(kept, name):
    """An action that deletes a policy or a scheduled action."""

    def delete_one(request):
        take(kept, key_of(request, request[name]))
        return {}

    return delete_one


def take(kept, key):
    """Remove and give what has a key."""
    if key not in kept:
        raise NotFoundError(f"There is no {'/'.join(key)}")
    return kept.pop(key)


def tag(request):
    """Give a target further tags."""
    _tags[request["ResourceARN"]] = _tags.get(request["ResourceARN"], {}) | request["Tags"]
    return {}


def untag(request):
    """Take tags from a target."""
    kept = _tags.get(request["ResourceARN"], {})
    _tags[request["ResourceARN"]] = {name: kept[name] for name in kept if name not in request["TagKeys"]}
    return {}


ACTIONS = {
    "RegisterScalableTarget": register,
    "DeregisterScalableTarget": deregister,
    "DescribeScalableTargets": describe_targets,
    "PutScalingPolicy": put(_policies, "PolicyName", "PolicyARN"),
    "DescribeScalingPolicies": describe(_policies, "PolicyName", "ScalingPolicies"),
    "DeleteScalingPolicy": delete(_policies, "PolicyName"),
    "PutScheduledAction": put(_actions, "ScheduledActionName", "ScheduledActionARN"),
    "DescribeScheduledActions": describe(_actions, "ScheduledActionName", "ScheduledActions"),
    "DeleteScheduledAction": delete(_actions, "ScheduledActionName"),
    "ListTagsForResource": lambda request: {"Tags": _tags.get(request["ResourceARN"], {})},
    "TagResource": tag,
    "UntagResource": untag,
}
"""By name."""
