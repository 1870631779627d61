"""How PostgreSQL finds a partner's rows: by an index, although it trusts few conditions beside the policy."""

import psycopg

from core.scope import PARTNER
from loaders.base import EDGES, Edge, Page
from loaders.request import Request
from loaders.statements import counts, rows
from models import metadata
from models.grants import GRANTS
from tests.plans import generic_plan, read_whole
from tests.scope.roles import as_partner

# The page of an audit entry's customers and the like stand on tables without a grant for partners; so do edges whose
# query takes a column that is not theirs. PostgreSQL refuses those, which is as good.
_KEYED = [edge for edge in EDGES if edge.keyed and edge.source.name in GRANTS[PARTNER.name]]

# Tables that grow with the customers.
_LARGE = metadata.tables.keys() - {"products", "product_categories", "partners", "teams"}


def _key(edge: Edge) -> str:
    return "C-1" if edge.key_type == "text" else "0192f0c1-7c3e-7b11-a0b1-000000000001"


def test_no_edge_reads_a_whole_table_for_a_partner(demo_database: str) -> None:
    whole, planned = [], 0
    with as_partner(demo_database, "0192f0c1-7c3e-7b11-a0b1-000000000002") as connection:
        # A small world is read whole out of choice; like this it is only where there is no other way.
        connection.execute("set enable_seqscan to off")
        for edge in _KEYED:
            columns = ("id",) if "id" in edge.source.columns else ()
            request = Request(columns, limit=10 if isinstance(edge, Page) else None)
            for query in (rows(edge, request), counts(edge, ())):
                try:
                    plan = generic_plan(connection, *query.statement([_key(edge)]))
                except psycopg.errors.InsufficientPrivilege:
                    continue
                planned += 1
                if tables := read_whole(plan) & _LARGE:
                    whole.append(f"{tables}: {query.sql.decode()}")
    assert planned > len(_KEYED)
    assert not whole, "\n\n".join(whole)
