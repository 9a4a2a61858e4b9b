"""The metrics that there are, by namespace and by the names of the dimensions that they come with.

Sources: Lambda Developer Guide, "Types of metrics for Lambda functions"; API Gateway Developer Guide, "Working with
metrics for HTTP APIs" and "Amazon API Gateway dimensions and metrics" (of REST APIs); CloudWatch Logs User Guide,
"Monitoring with CloudWatch metrics"; DynamoDB Developer Guide, "DynamoDB Metrics and dimensions".
"""

from __future__ import annotations

from mcp_lambda_host.contract import METRICS

INVOKED = {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"}
PROVISIONED = {f"Provisioned{name}" for name in ("ConcurrencyInvocations", "ConcurrencySpilloverInvocations")}
TIMES = {"Count", "Latency", "IntegrationLatency"}
QUEUED = {"AsyncEventAge"}
TABLE = {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"}
HTTP, REST = TIMES | {"4xx", "5xx", "DataProcessed"}, TIMES | {"4XXError", "5XXError"}

PUBLISHED: dict[tuple[str, frozenset[str]], set[str]] = {
    ("AWS/Lambda", frozenset({"FunctionName"})): INVOKED | QUEUED,
    ("AWS/Lambda", frozenset({"FunctionName", "Resource"})): INVOKED | PROVISIONED,  # of an alias or a version
    ("AWS/ApiGateway", frozenset({"ApiId"})): HTTP,
    ("AWS/ApiGateway", frozenset({"ApiId", "Stage"})): HTTP,
    ("AWS/ApiGateway", frozenset({"ApiName"})): REST,
    ("AWS/ApiGateway", frozenset({"ApiName", "Stage"})): REST,
    ("AWS/DynamoDB", frozenset({"TableName"})): TABLE,
    ("AWS/Logs", frozenset({"LogGroupName"})): {"IncomingBytes", "IncomingLogEvents"},
    ("MCP/orders", frozenset()): set(METRICS.values()),  # of the host, and of the log filter
}
