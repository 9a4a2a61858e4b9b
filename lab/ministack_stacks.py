"""What CloudFormation makes of a template, where MiniStack makes something else of it.

Imported by ministack_server.py. Sources: the template reference, AWS::Lambda::Function (ReservedConcurrentExecutions),
AWS::SecretsManager::Secret (GenerateSecretString; Ref returns the ARN of the secret), AWS::CloudWatch::Alarm (Metrics)
and AWS::ApiGatewayV2::Stage (DefaultRouteSettings). MiniStack 1.5.33 transforms SAM templates only with AWS's package
beside it, whose dependencies a zip that lacks them would find there. It reserves nothing, puts punctuation into a
secret that is to have none, returns its name, refuses an alarm with metric math, which ministack_alarms.py evaluates,
and keeps a throttle by names that the API does not have.
"""

import json
import string
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from ministack.services import lambda_svc, secretsmanager
from ministack.services.cloudformation import provisioners

TRANSFORM = Path(__file__).with_name("sam_transform.py")
PYTHON = TRANSFORM.parents[1] / ".venv-cloudformation" / "bin" / "python"


def obey_templates():
    """Put what stacks make of such resources in the place of what MiniStack does."""
    sys.modules["samtranslator.translator.transform"] = module = ModuleType("transform")
    module.transform = transform_sam
    reserve_concurrency(provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"])
    refer_by_arn(provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"])
    leave_punctuation_out()
    take_metric_math()
    name_throttles()


def transform_sam(template, parameters, policies):
    """What a SAM template stands for; MiniStack has set the region that the transform goes by."""
    ran = subprocess.run([PYTHON, TRANSFORM], input=json.dumps(template), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise ValueError(f"the transform of SAM failed: {ran.stderr.strip().rpartition(chr(10))[2]}")
    return json.loads(ran.stdout)


def reserve_concurrency(of_function):
    """Give a function that a stack makes or changes the concurrency that its template reserves."""
    create, update = of_function["create"], of_function["update"]

    def reserved(made, props):
        limit = props.get("ReservedConcurrentExecutions")
        lambda_svc._functions[made[0]]["concurrency"] = None if limit is None else int(limit)
        return made

    def create_reserved(logical_id, props, stack_name):
        return reserved(create(logical_id, props, stack_name), props)

    def update_reserved(physical_id, old_props, new_props, *args, **kwargs):
        return reserved(update(physical_id, old_props, new_props, *args, **kwargs), new_props)

    of_function["create"], of_function["update"] = create_reserved, update_reserved


def refer_by_arn(of_secret):
    """Make the ARN of a secret what a template gets by Ref."""
    create, update, delete = of_secret["create"], of_secret["update"], of_secret["delete"]

    def name_of(arn):
        return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)

    def with_arn(made):
        return made[1]["Arn"], made[1]

    def create_secret(logical_id, props, stack_name):
        return with_arn(create(logical_id, props, stack_name))

    def update_secret(arn, *args, **kwargs):
        return with_arn(update(name_of(arn), *args, **kwargs))

    def delete_secret(arn, props):
        return delete(name_of(arn), props)

    of_secret["create"], of_secret["update"], of_secret["delete"] = create_secret, update_secret, delete_secret


def leave_punctuation_out():
    """Generate secrets of the characters that a template wants."""
    generate = provisioners._sm_secret_string

    def generate_without(props):
        wish = props.get("GenerateSecretString") or {}
        if wish.get("ExcludePunctuation"):
            excluded = wish.get("ExcludeCharacters", "") + string.punctuation
            props = props | {"GenerateSecretString": wish | {"ExcludeCharacters": excluded}}
        return generate(props)

    provisioners._sm_secret_string = generate_without


def take_metric_math():
    """Make alarms on an expression of several metrics."""
    record = provisioners._cw_metric_alarm_record

    def record_with_queries(name, props):
        if "Metrics" not in props:
            return record(name, props)
        plain = {key: value for key, value in props.items() if key != "Metrics"}
        alarm = record(name, plain | {"Namespace": "of each metric", "MetricName": "of each metric"})
        return alarm | {"Namespace": None, "MetricName": None, "Metrics": props["Metrics"]}

    provisioners._cw_metric_alarm_record = record_with_queries


def name_throttles():
    """Keep the throttle of a stage by the API's names."""
    properties = provisioners._apigw_v2_stage_props

    def named(props):
        stage = properties(props)
        settings = stage["defaultRouteSettings"]
        return stage | {"defaultRouteSettings": {f"{key[0].lower()}{key[1:]}": settings[key] for key in settings}}

    provisioners._apigw_v2_stage_props = named
