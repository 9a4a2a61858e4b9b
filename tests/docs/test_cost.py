"""The bill is what AWS's own examples come to, and the pages show what the command prints."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from lab.log_bytes import measure
from lab.printed import PAGES, REPOSITORY, ran, shown
from lab.readme import blocks, hcl
from pricing.bill import LOG_BYTES, Use, bill, total
from pricing.prices import LOGS_WRITTEN, PRICES

COST = REPOSITORY / "docs/cost.md"
FREE = {REPOSITORY / "examples/github-actions-role/README.md"}
SUMS = [REPOSITORY / "README.md", *sorted(set(REPOSITORY.glob("examples/*/README.md")) - FREE)]
"""Pages that name the sum that a command prints beside that command."""
USED = [
    "--requests 100000",
    "--requests 33 --memory 10240 --architecture x86_64 --authorizer lambda --ttl 0 --metrics 52",
    "--requests 1000000 --provisioned 4 --provisioned-hours 6 --authorizer token --callers 3",
    "--requests 1000000 --snap-start 2 --answer-bytes 2000000 --front rest",
]


def dollars(use: Use) -> dict[str, float]:
    return {line.name: line.dollars() for line in bill(use)}


def test_the_page_shows_what_the_command_prints() -> None:
    tables = shown(COST)

    assert tables
    assert [table for _, table in tables] == [ran(words).stdout for words, _ in tables], (
        "run `.venv/bin/python -m lab.printed` to write the tables anew"
    )


@pytest.mark.parametrize("page", SUMS, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_a_sum_is_what_the_command_beside_it_prints(page: Path) -> None:
    sums = re.findall(r"\| (\$[\d.,]+) \| `python3 (function/cost\.py .+)` \|$", page.read_text(), re.MULTILINE)

    assert sums
    assert [amount for amount, _ in sums] == [
        re.findall(r"\*\*(\$.+?)\*\*", ran(words).stdout)[-1] for _, words in sums
    ]


def test_no_page_shows_the_command_without_its_table() -> None:
    text = "".join(page.read_text() for page in PAGES)

    assert text.count("$ python3 function/cost.py") == sum(len(shown(page)) for page in PAGES)


def test_every_amount_in_the_text_of_the_page_is_in_a_table() -> None:
    lines = COST.read_text().splitlines()
    tables, text = ("\n".join(x for x in lines if x.startswith("|") is is_table) for is_table in (True, False))
    amounts = re.compile(r"\$\d[\d,]*(?:\.\d+)?")

    assert set(amounts.findall(text)) - set(amounts.findall(tables)) == set()


@pytest.mark.parametrize("options", USED)
def test_each_line_is_its_product_and_the_lines_add_up(options: str) -> None:
    cells = [
        [cell.strip() for cell in line.split("|")[2:4]]
        for line in ran(f"function/cost.py {options}").stdout.splitlines()
    ]
    rows = [(factors, float(cost[1:].replace(",", ""))) for factors, cost in cells[2:-2]]
    products = [math.prod(float(n.replace(",", "")) for n in re.findall(r"[\d.,]*\d", factors)) for factors, _ in rows]

    assert [cost for _, cost in rows] == [pytest.approx(product, abs=0.00501) for product in products]
    assert cells[-2][1] == f"**${sum(cost for _, cost in rows):,.2f}**"


def test_what_is_assumed_is_what_the_module_makes_by_default() -> None:
    table = hcl("alarm_table.tf")["locals"][0]["alarm_table"]
    others = ("authorizer", "alias", "login", "worker")
    alarms = [alarm for key, alarm in table.items() if alarm["source"] not in others and key != "auth_refused"]
    variables = blocks("variable")

    assert Use().alarms == len(alarms) + sum(alarm["per"] is not None for alarm in alarms)
    assert Use().memory == variables["memory_mb"]["default"]
    assert Use().architecture == variables["architecture"]["default"]
    assert Use().access_log == json.dumps(variables["access_log"]["default"])
    assert Use().log_sample_rate == variables["log_sample_rate"]["default"]
    assert Use().system_log_level == variables["system_log_level"]["default"]


def test_the_bytes_of_a_line_are_those_that_the_host_and_the_gateway_write() -> None:
    assert measure() == LOG_BYTES, "run `PYTHONPATH=function .venv/bin/python -m lab.log_bytes` to measure them anew"


def test_a_success_writes_no_more_than_a_million_a_day_may_cost() -> None:
    assert LOG_BYTES["request_line"]["call"] <= 185
    assert LOG_BYTES["access_log"]["http"] <= 100
    for authorizer in ("none", "jwt", "iam"):
        assert total(Use(requests=1_000_000, authorizer=authorizer)) < 100
        assert total(Use(requests=1_000_000, authorizer=authorizer, ms=20.0)) < 70


def test_who_is_known_and_what_the_inputs_add_is_a_part_of_the_logs() -> None:
    def written(**use: Any) -> float:
        lines = bill(Use(requests=1_000_000, cold_share=0.0, **use))
        return sum(line.quantity for line in lines if line.price is LOGS_WRITTEN)

    line, access, system = (LOG_BYTES[key] for key in ("request_line", "access_log", "system_log"))
    plain = line["call"] + access["http"]
    assert written() == pytest.approx(plain * 0.03)
    assert written(authorizer="jwt", front="rest") == pytest.approx(
        (line["call"] + line["subject"] + access["rest"]) * 0.03
    )
    assert written(system_log_level="INFO", log_bytes=1000) == pytest.approx((plain + system["INFO"] + 1000) * 0.03)
    assert written(log_sample_rate=0.0) == pytest.approx(access["http"] * 0.03)
    assert written(access_log="false") == pytest.approx(line["call"] * 0.03)


def test_without_an_access_log_refusals_cost_no_metric() -> None:
    with_it, without = (dollars(Use(authorizer="iam", access_log=written)) for written in ("true", "false"))

    assert with_it["custom metrics"] - without["custom metrics"] == pytest.approx(0.30)
    assert with_it["alarms"] == without["alarms"]


def test_on_demand_calls_cost_what_awss_example_says() -> None:
    # Lambda pricing, "Mobile application backend": 3 million calls of 120 ms in 1536 MB, x86.
    use = Use(requests=100_000, ms=120, memory=1536, architecture="x86_64", cold_share=0)
    lines = {line.name: line for line in bill(use)}

    assert lines["Lambda, x86_64 GB-seconds, warm calls"].dollars(400_000) == 2.33
    assert lines["Lambda, million requests"].dollars(1) == 0.40


def test_provisioned_calls_cost_what_awss_example_says() -> None:
    # "Routing customers to the most relevant support": 7 × 4 GB for a day, 2 million calls of 280 ms. Here for 30 days.
    use = Use(requests=2_000_000, ms=280, memory=4096, architecture="x86_64", provisioned=7)

    assert dollars(use)["provisioned concurrency, x86_64 GB-seconds"] == pytest.approx(30 * 10.08, abs=0.05)
    assert dollars(use)["calls in provisioned, x86_64 GB-seconds"] == pytest.approx(30 * 21.78, abs=0.1)


def test_snapshots_cost_what_awss_example_says() -> None:
    # "Enriching streaming telemetry": one version of 1 GB, 1 % of 7.44 million calls restored, in 31 days.
    use = Use(requests=240_000, memory=1024, snap_start=1, cold_share=0.01)

    assert dollars(use)["SnapStart, GB-seconds of cache"] == pytest.approx(4.03 * 30 / 31, abs=0.005)
    assert dollars(use)["SnapStart, GB restored"] == pytest.approx(10.4 * 30 / 31, abs=0.05)


@pytest.mark.parametrize(("authorizer", "ttl", "asked"), [("jwt", 60, 0), ("token", 0, 3e6), ("lambda", 60, 432_000)])
def test_an_authorizer_function_is_asked_once_a_ttl_for_each_caller(authorizer: str, ttl: float, asked: float) -> None:
    lines = {line.name: line for line in bill(Use(authorizer=authorizer, ttl=ttl, callers=10))}
    found = lines.get("Lambda, million requests, authorizer")

    assert (found.quantity * 1e6 if found else 0) == asked


def test_an_answer_above_512_kb_is_metered_as_two_requests() -> None:
    assert bill(Use(answer_bytes=600_000))[0].dollars() == 2 * bill(Use())[0].dollars()


def test_an_idle_endpoint_costs_its_alarms_and_metrics_and_nothing_in_an_account_with_quotas_left() -> None:
    assert total(Use(requests=0, metrics=0)) == 0.90
    assert total(Use(requests=0), free_quotas=True) == 0


def test_every_price_names_awss_page_and_how_sure_it_is() -> None:
    assert all(price.page.startswith("https://aws.amazon.com/") and price.page.endswith("/") for price in PRICES)
    assert {price.seen for price in PRICES} == {"AWS's page", "copies"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--memory 64", "memory is 64, but must be 128 or more, and 10,240 or less."),
        ("--requests -1", "requests is -1, but must be 0 or more."),
        ("--cold-share 1.5", "cold_share is 1.5, but must be 0 or more, and 1 or less."),
        ("--ms nan", "ms is nan, but must be 0 or more, and 900,000 or less."),
        ("--authorizer key", "authorizer is 'key', but must be one of none, jwt, iam, token, lambda."),
        ("--requests many", "argument --requests: invalid int value: 'many'"),
        (
            "--snap-start 1 --provisioned 1",
            "provisioned and snap_start are both given, but Lambda .* only one of them .*",
        ),
        ("--prices --changes", "argument --changes: not allowed with argument --prices"),
        ("--colour red", "unrecognized arguments: --colour red"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(options: str, says: str) -> None:
    answer = ran(f"function/cost.py {options}")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert re.fullmatch(f"cost.py: {says}\n", answer.stderr)
