"""The local AWS does what AWS does, where tests would otherwise fail or pass by accident."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError

from lab.local_aws import LocalAWS

ROLE = {"RoleName": "repeated", "AssumeRolePolicyDocument": '{"Version": "2012-10-17", "Statement": []}'}


def test_a_request_that_an_sdk_repeats_for_want_of_an_answer_is_done_once(aws: LocalAWS) -> None:
    iam = aws.client("iam")
    attempt = 1

    def as_attempt(request: AWSPreparedRequest, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = "one-call"
        request.headers["amz-sdk-request"] = f"attempt={attempt}; max=3"

    iam.meta.events.register("before-send.iam.*", as_attempt)
    first = iam.create_role(**ROLE)["Role"]
    attempt = 2
    assert iam.create_role(**ROLE)["Role"] == first

    attempt = 1
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        iam.create_role(**ROLE)


@pytest.mark.parametrize("sids", [["Read", "Read"], ["Read orders"]])
def test_a_policy_whose_sids_are_not_words_of_their_own_is_refused(aws: LocalAWS, sids: list[str]) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName=f"sids{len(sids)}")
    statements = [{"Sid": sid, "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} for sid in sids]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})

    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        iam.put_user_policy(UserName=f"sids{len(sids)}", PolicyName="read", PolicyDocument=policy)


def test_a_log_group_of_infrequent_access_makes_no_metrics(aws: LocalAWS) -> None:
    logs = aws.client("logs")
    group = {"logGroupName": "/infrequent"}
    logs.create_log_group(**group, logGroupClass="INFREQUENT_ACCESS")
    metric = {"metricName": "Refused", "metricNamespace": "MCP", "metricValue": "1"}

    with pytest.raises(ClientError, match="PutMetricFilter is not supported for this log class"):
        logs.put_metric_filter(**group, filterName="refused", filterPattern="{ }", metricTransformations=[metric])
    with pytest.raises(ClientError, match="FilterLogEvents is not supported for this log class"):
        logs.filter_log_events(**group)
