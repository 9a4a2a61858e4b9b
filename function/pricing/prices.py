"""What AWS charges: list prices of us-east-1 in US dollars, as noted in 2026-11, without free quotas and volume tiers.

AWS's pages fill their tables in by script, so a stored copy of one shows the prices of its worked examples alone.
`seen` says where each price stood when it was noted: "AWS's page", in such an example; or "copies", where several
third-party copies of AWS's price list agree. None was asked of AWS itself: check them on the page.
"""

from __future__ import annotations

from dataclasses import dataclass

NOTED = "2026-11"
REGION = "us-east-1"

LAMBDA = "https://aws.amazon.com/lambda/pricing/"
GATEWAY = "https://aws.amazon.com/api-gateway/pricing/"
CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
TRAFFIC = "https://aws.amazon.com/ec2/pricing/on-demand/"


@dataclass(frozen=True)
class Price:
    """Dollars for one unit of something, the page that says so, and the free quota that it draws on, if any."""

    item: str
    dollars: float
    page: str
    seen: str
    quota: str | None = None

    def __str__(self) -> str:
        """The price with all its digits, and at least cents: $0.0000133334, $0.20."""
        whole, digits = f"{self.dollars:.10f}".rstrip("0").split(".")
        return f"${whole}.{digits:0<2}"


REQUESTS = {
    "http": Price("HTTP API, million requests of up to 512 KB", 1.00, GATEWAY, "copies"),
    "rest": Price("REST API, million requests", 3.50, GATEWAY, "copies"),
}
INVOCATIONS = Price("Lambda, million requests", 0.20, LAMBDA, "AWS's page", "invocations")
COMPUTE = {
    "arm64": Price("Lambda, arm64 GB-seconds", 0.0000133334, LAMBDA, "copies", "compute"),
    "x86_64": Price("Lambda, x86_64 GB-seconds", 0.0000166667, LAMBDA, "AWS's page", "compute"),
}
PROVISIONED = {
    "arm64": Price("provisioned concurrency, arm64 GB-seconds", 0.0000033334, LAMBDA, "copies"),
    "x86_64": Price("provisioned concurrency, x86_64 GB-seconds", 0.0000041667, LAMBDA, "AWS's page"),
}
PROVISIONED_COMPUTE = {
    "arm64": Price("calls in provisioned, arm64 GB-seconds", 0.0000077778, LAMBDA, "copies"),
    "x86_64": Price("calls in provisioned, x86_64 GB-seconds", 0.0000097222, LAMBDA, "AWS's page"),
}
SNAPSHOTS = Price("SnapStart, GB-seconds of cache", 0.0000015046, LAMBDA, "AWS's page")
RESTORES = Price("SnapStart, GB restored", 0.0001397998, LAMBDA, "AWS's page")
LOGS_WRITTEN = Price("logs written, GB", 0.50, CLOUDWATCH, "copies", "logs")
LOGS_KEPT = Price("logs kept a month, GB", 0.03, CLOUDWATCH, "copies", "logs")
METRICS = Price("custom metrics", 0.30, CLOUDWATCH, "copies", "metrics")
TABLE_WRITES = Price("DynamoDB, million writes of up to 1 KB", 0.625, DYNAMODB, "copies")
TABLE_READS = Price("DynamoDB, million reads of up to 4 KB", 0.125, DYNAMODB, "copies")
ALARMS = Price("alarms", 0.10, CLOUDWATCH, "copies", "alarms")
TRAFFIC_OUT = Price("traffic out, GB", 0.09, TRAFFIC, "copies", "traffic")

PRICES = (
    *REQUESTS.values(),
    INVOCATIONS,
    *COMPUTE.values(),
    *PROVISIONED.values(),
    *PROVISIONED_COMPUTE.values(),
    SNAPSHOTS,
    RESTORES,
    LOGS_WRITTEN,
    LOGS_KEPT,
    METRICS,
    ALARMS,
    TABLE_WRITES,
    TABLE_READS,
    TRAFFIC_OUT,
)

FREE = {"invocations": 1, "compute": 400_000, "logs": 5, "metrics": 10, "alarms": 10, "traffic": 100}
"""What an account has free each month, in the units of the prices. What only new accounts have is left out."""
