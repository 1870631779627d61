"""How fast `c360 import` is: `python -m benchmarks.imports [--rows 5000] [--rounds 3]`.

The file is the published sample over and over, each row as another customer, so that all tables of its mapping are
written. Each round imports it into a new database, and then once more, when nothing is to be done. Beside the rows per
second stands the processor time of the importing process for a row, which a busy machine does not blur.
"""

import argparse
import csv
import statistics
import tempfile
import time
from pathlib import Path

import click
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks.database import server
from imports.files import run
from migrations import upgrade

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "tests" / "data" / "ibm_auto_insurance_excerpt.csv"
MAPPING = ROOT / "imports" / "mappings" / "ibm_auto_insurance.toml"
DATABASE = "c360_bench_import"


def main() -> None:
    """Import, and print rows per second of each round and their median."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=5_000, help="rows of the file (5000)")
    parser.add_argument("--rounds", type=int, default=3, help="imports into new databases (3)")
    parser.add_argument("--database-url", help="a PostgreSQL to make the database in, in place of the local one")
    options = parser.parse_args()
    with server(options.database_url) as url, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.csv"
        write_file(file, options.rows)
        rounds = [_round(url, file) for _ in range(options.rounds)]
    for name, results in zip(("first", "again"), zip(*rounds, strict=True), strict=True):
        speeds, costs = zip(*results, strict=True)
        click.echo(
            f"{name}: {', '.join(f'{speed:,.0f}' for speed in speeds)} rows/s, median {statistics.median(speeds):,.0f};"
            f" {min(costs) * 1e6:,.0f} µs of processor time a row at best"
        )


def write_file(file: Path, rows: int) -> None:
    """Write the sample's rows in turn, with customers of their own, until there are as many as wanted."""
    with SAMPLE.open(encoding="utf-8", newline="") as source, file.open("w", encoding="utf-8", newline="") as target:
        reader = csv.DictReader(source)
        sample = list(reader)
        writer = csv.DictWriter(target, reader.fieldnames or ())
        writer.writeheader()
        for number in range(rows):
            row = sample[number % len(sample)]
            writer.writerow(row | {"Customer": f"{row['Customer']}-{number}"})


def _round(url: str, file: Path) -> list[tuple[float, float]]:
    """(rows per second, seconds of processor time a row) of a first import and of the same again."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in ("drop database if exists {} with (force)", "create database {}"):
            connection.execute(sql.SQL(statement).format(sql.Identifier(DATABASE)))
    database = make_conninfo(url, dbname=DATABASE)
    upgrade(database)
    results = []
    for _ in range(2):
        started = time.process_time()
        summary = run(database, file, MAPPING)
        results.append((summary.rows / summary.seconds, (time.process_time() - started) / summary.rows))
    return results


if __name__ == "__main__":
    main()
