"""The proof: the published IBM sample, every column of it, in the graph's tables."""

import csv
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from imports.files import ImportSummary, run
from tests.imports.states import fingerprints, rows

ROOT = Path(__file__).parents[2]
FULL = ROOT.parent / "shared" / "data" / "ibm_auto_insurance_customers.csv"
EXCERPT = ROOT / "tests" / "data" / "ibm_auto_insurance_excerpt.csv"
FILES = [EXCERPT, *([FULL] if FULL.exists() else [])]
MAPPING = ROOT / "imports" / "mappings" / "ibm_auto_insurance.toml"

# Without these a row has no key, no contract or no claim date.
NEEDED = (
    "Customer",
    "Coverage",
    "Effective To Date",
    "Monthly Premium Auto",
    "Months Since Policy Inception",
    "Policy",
    "Sales Channel",
)
CHANNEL = {"Agent": "IN_PERSON", "Branch": "IN_PERSON", "Call Center": "PHONE", "Web": "WEB_PORTAL"}
EDUCATION = {"High School or Below": "SECONDARY", "Doctor": "DOCTORATE"}
OUTCOME = {"Yes": "ACCEPTED", "No": "DECLINED", "": "NO_RESPONSE"}


def _good(row: dict[str, str]) -> bool:
    if any(not row[name] for name in NEEDED) or row["EmploymentStatus"] == "U":
        return False
    return bool(row["Months Since Last Claim"]) or not row["Total Claim Amount"]


def _cents(text: str) -> Decimal | None:
    return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP) if text else None


def _before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def _expected(row: dict[str, str]) -> tuple[object, ...]:
    month, day, year = map(int, row["Effective To Date"].split("/"))
    ends = date(year, month, day)
    starts = _before(ends, int(row["Months Since Policy Inception"]))
    claimed = _cents(row["Total Claim Amount"])
    incident = max(_before(ends, int(row["Months Since Last Claim"])), starts) if claimed is not None else None
    vehicle = {"vehicleClass": row["Vehicle Class"], "vehicleSize": row["Vehicle Size"]}
    contract = {"policy": row["Policy"], "policyType": row["Policy Type"], **vehicle}
    education = EDUCATION.get(row["Education"], row["Education"].upper()) or None
    offer = {"offerType": row["Renew Offer Type"], "salesChannel": row["Sales Channel"]}
    return (
        f"Customer {row['Customer']}",
        {"F": "FEMALE", "M": "MALE", "": None}[row["Gender"]],
        education,
        row["EmploymentStatus"].upper().replace(" ", "_") or None,
        row["Marital Status"].upper() or None,
        _cents(row["Income"]),
        _cents(row["Customer Lifetime Value"]) or Decimal("0.00"),
        {"numberOfPolicies": int(row["Number of Policies"])} if row["Number of Policies"] else {},
        starts,
        row["State"] or None,
        row["Location Code"].upper() or None,
        "US",
        row["Policy"],
        row["Coverage"].upper(),
        _cents(row["Monthly Premium Auto"]),
        Decimal(row["Monthly Premium Auto"]) * 12,
        starts,
        ends,
        {name: value for name, value in contract.items() if value},
        claimed,
        incident,
        int(row["Months Since Last Claim"]) if claimed is not None else None,
        CHANNEL[row["Sales Channel"]],
        OUTCOME[row["Response"]],
        {name: value for name, value in offer.items() if value},
        int(row["Number of Open Complaints"] or 0),
    )


STORED = """
    select i.value, c.display_name, c.gender, c.education, c.employment_status, c.marital_status, c.income_amount,
        c.lifetime_value_amount, c.attributes, c.customer_since, a.region, a.area, a.country, p.name, k.coverage_level,
        k.premium_amount, k.annual_premium_amount, k.started_on, k.ends_on, k.attributes, s.claimed_amount,
        s.incident_on, (s.attributes->>'monthsSinceLastClaim')::integer, o.channel, o.outcome, o.attributes,
        (select count(*) from complaints b where b.customer_id = c.id and b.contract_id = k.id)
    from customers c
    join customer_identifiers i on i.customer_id = c.id and i.scheme = 'ibm-sample'
    join addresses a on a.customer_id = c.id
    join contracts k on k.customer_id = c.id
    join products p on p.id = k.product_id
    join interactions o on o.contract_id = k.id and o.type = 'QUOTE' and o.direction = 'OUTBOUND'
    left join claims s on s.contract_id = k.id
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_the_ibm_sample(empty_database: str, path: Path, tmp_path: Path) -> None:
    with path.open(newline="") as sample:
        lines = list(csv.DictReader(sample))
    summary = run(empty_database, path, MAPPING, rejects=tmp_path / "rejects.csv")
    good = [row for row in lines if _good(row)]

    _check_figures(summary, lines, good)
    # Every column of every row, against a plain reading of the file.
    stored = {number: tuple(values) for number, *values in rows(empty_database, STORED)}
    assert len(stored) == len(good)
    for row in good:
        assert stored[row["Customer"]] == _expected(row), row["Customer"]
    with (tmp_path / "rejects.csv").open(newline="") as file:
        refused = list(csv.DictReader(file))
    assert [row["Customer"] for row in refused] == [row["Customer"] for row in lines if not _good(row)]
    assert all(row["reject_line"] and row["reject_column"] and row["reject_reason"] for row in refused)
    _check_history(empty_database, good)

    before = fingerprints(empty_database)
    again = run(empty_database, path, MAPPING)
    assert fingerprints(empty_database) == before
    assert again.entities["customers"].unchanged == len(good)


def _check_figures(summary: ImportSummary, lines: list[dict[str, str]], good: list[dict[str, str]]) -> None:
    assert summary.rows == len(lines)
    assert summary.rejected == len(lines) - len(good)
    complaints = sum(int(row["Number of Open Complaints"] or 0) for row in good)
    inserted = {table: counts.inserted for table, counts in summary.entities.items()}
    assert inserted == {
        "product_categories": 3,
        "products": 9,
        **dict.fromkeys(("customers", "customer_identifiers", "addresses", "contracts", "contract_parties"), len(good)),
        "claims": sum(bool(row["Total Claim Amount"]) for row in good),
        "interactions": len(good),
        "complaints": complaints,
    }


def _check_history(url: str, good: list[dict[str, str]]) -> None:
    answers = Counter(row["Response"] for row in good)
    claims = sum(bool(row["Total Claim Amount"]) for row in good)
    assert dict(rows(url, "select type, count(*) from events group by type")) == {
        "CustomerCreated": len(good),
        "ContractIssued": len(good),
        "ContractExpired": len(good),
        "ClaimSubmitted": claims,
        "ClaimSettled": claims,
        "OfferMade": len(good),
        "OfferAnswered": answers["Yes"] + answers["No"],
        "ComplaintReceived": sum(int(row["Number of Open Complaints"] or 0) for row in good),
    }
    wrong = """select count(*) from events
        where source <> 'IMPORT' or actor <> 'import:ibm-sample' or customer_id is null or summary = ''
            or occurred_at > '2011-03-01' or recorded_at < '2020-01-01'"""
    assert rows(url, wrong) == [(0,)]
    outside = """select count(*) from claims s join contracts k on k.id = s.contract_id
        where s.incident_on not between k.started_on and k.ends_on or s.customer_id <> k.customer_id"""
    assert rows(url, outside) == [(0,)]
    # The events of one line of the file belong together.
    assert rows(url, "select count(distinct correlation_id) from events") == [(len(good),)]
