"""An MCP server by CDK, for callers with a token of an identity provider. The zip is built before:

    python3 function/build.py --source-dir server --output server.zip --runtime python3.13 --architecture arm64
    cdk deploy -c issuer=https://login.example.com/ -c audience=https://mcp.example.com/mcp

docs/sam-and-cdk.md says what the Terraform module does beyond it.
"""

import json

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack, aws_sns
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as functions
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_logs import FilterPattern, LogGroup, RetentionDays
from aws_cdk.aws_secretsmanager import Secret, SecretStringGenerator

MINUTE, FIVE_MINUTES = Duration.minutes(1), Duration.minutes(5)


class McpServer(Stack):
    """A server named as its stack; context has `issuer` and `audience`, and may have an `alarm_topic`'s ARN."""

    def __init__(self, app: App, name: str) -> None:
        super().__init__(app, name)
        self.issuer, self.audience = (app.node.get_context(key) for key in ("issuer", "audience"))
        self.name = name
        self.add_alarms(server := self.make_server())
        api = self.make_api(functions.Alias(self, "Live", alias_name="live", version=server.current_version))
        CfnOutput(self, "Url", value=f"{api.api_endpoint}/mcp", description="URL for a client.")
        CfnOutput(self, "ApiId", value=api.api_id)

    def make_server(self) -> functions.Function:
        # Seals the state of multi-round calls, for all execution environments. CloudFormation can make no SecureString
        # of Systems Manager, and a secret of Secrets Manager at random.
        wish = SecretStringGenerator(password_length=64, exclude_punctuation=True)
        key = Secret(self, "RequestStateKey", generate_secret_string=wish)
        log = LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{self.name}",
            retention=RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        log.add_metric_filter(  # calls of tools are counted by their lines
            "ToolCalls",
            filter_pattern=FilterPattern.literal('{ ($.tool = "*") && ($.outcome = "*") && ($.taskStep NOT EXISTS) }'),
            metric_namespace=f"MCP/{self.name}",
            metric_name="ToolCalls",
        )
        server = functions.Function(
            self,
            "Server",
            function_name=self.name,
            code=functions.Code.from_asset("server.zip"),
            handler="mcp_lambda_host.handler.handler",
            runtime=functions.Runtime(self.node.try_get_context("runtime") or "python3.13"),
            architecture=functions.Architecture.custom(self.node.try_get_context("architecture") or "arm64"),
            memory_size=1024,
            timeout=Duration.seconds(29),  # the API gives up after 30 s, and the host answers before either
            reserved_concurrent_executions=20,  # what strangers and loops can cost
            current_version_options=functions.VersionOptions(removal_policy=RemovalPolicy.RETAIN),  # to go back to
            logging_format=functions.LoggingFormat.JSON,
            # Two lines of Lambda's for each call that went well would cost more than the host's own.
            system_log_level_v2=functions.SystemLogLevel.WARN,
            log_group=log,
            environment={"MCP_LAMBDA_SETTINGS": json.dumps(self.settings(key.secret_arn))},
        )
        key.grant_read(server)
        return server

    def settings(self, key: str) -> dict[str, object]:
        # All settings of the host: it refuses to start with one too many or too few.
        return {
            "name": self.name,
            "entrypoint": None,
            "origins": [],
            "auth_type": "jwt",
            "issuer": self.issuer,
            "scopes": [],
            "scope_claims": [],
            "advertised_scopes": [],
            "required_scopes": {},
            "catalogue_seconds": 300,
            "request_state_parameter": key,
            "request_state_keys": ["1"],
            "secrets": {},
            "log_level": "INFO",
            "log_sample_rate": 1,
            "log_subject": "hash",
            "log_payloads": False,
            "metrics": "server",
            "tracing": False,
            "tasks": None,
        }

    def make_api(self, live: functions.Alias) -> apigateway.HttpApi:
        api = apigateway.HttpApi(self, "Api", api_name=self.name, create_default_stage=False)
        limit = apigateway.ThrottleSettings(rate_limit=50, burst_limit=100)
        stage = apigateway.HttpStage(
            self, "Stage", http_api=api, stage_name="$default", auto_deploy=True, throttle=limit
        )
        integration = HttpLambdaIntegration("Live", live)
        tokens = HttpJwtAuthorizer("jwt", self.issuer, jwt_audience=[self.audience])
        # Whatever the server answers is for callers with a token, but for its health and for where a client without a
        # token learns where to get one (RFC 9728).
        every = apigateway.HttpRouteKey.DEFAULT
        guarded = apigateway.HttpRoute(
            self, "Guarded", http_api=api, route_key=every, integration=integration, authorizer=tokens
        )
        routes = [guarded]
        for path in ("/health", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"):
            routes += api.add_routes(path=path, methods=[apigateway.HttpMethod.GET], integration=integration)
        # What the URL is made of outlives the stack, since clients have the URL; another stack or Terraform can take it
        # over.
        for part in (api, stage, *routes):
            part.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        return api

    def add_alarms(self, server: functions.Function) -> None:
        counted = {
            key: cloudwatch.Metric(namespace=f"MCP/{self.name}", metric_name=metric, statistic="Sum")
            for key, metric in (("failures", "ToolErrors"), ("total", "ToolCalls"))
        }
        tool_error_rate = cloudwatch.MathExpression(
            # Below three failures it counts as 0, or a quiet server would ring at its first.
            expression="IF(failures >= 3, 100 * failures / total, 0)",
            using_metrics=counted,
            period=FIVE_MINUTES,
        )
        self.add_alarm("function-errors", server.metric_errors(period=MINUTE), 1)
        self.add_alarm("throttles", server.metric_throttles(period=MINUTE), 1)
        self.add_alarm("tool-error-rate", tool_error_rate, 10)

    def add_alarm(self, key: str, metric: cloudwatch.IMetric, threshold: int) -> None:
        alarm = cloudwatch.Alarm(
            self,
            key,
            alarm_name=f"{self.name}-{key}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if topic := self.node.try_get_context("alarm_topic"):
            alarm.add_alarm_action(SnsAction(aws_sns.Topic.from_topic_arn(self, f"{key}-topic", topic)))


app = App()
McpServer(app, app.node.try_get_context("name") or "orders")
app.synth()
