"""What the tables need that is no table: extensions, functions and number sequences.

Kept equal to the migrations by the migration check (tests/database/test_migrations.py).
"""

NUMBERED_TABLES = ("customers", "households", "agents", "partners", "contracts", "orders", "claims", "complaints")

EXTENSIONS = (
    "create extension if not exists pg_trgm",
    "create extension if not exists unaccent",
)

FUNCTIONS = (
    # unaccent() is only STABLE because its dictionary could be altered; ours is the one shipped with PostgreSQL.
    """create function c360_fold(value text) returns text
    language sql immutable parallel safe strict
    return lower(public.unaccent('public.unaccent'::regdictionary, value))""",
    """create function c360_number(prefix text, sequence regclass) returns text
    language sql volatile
    as $$select prefix || '-' || lpad(n::text, greatest(7, length(n::text)), '0') from nextval(sequence) n$$""",
)

SEQUENCES = (
    *(f"create sequence {table}_number_seq" for table in NUMBERED_TABLES),
    "create sequence events_position_seq",
)

PREAMBLE: tuple[str, ...] = (*EXTENSIONS, *FUNCTIONS, *SEQUENCES)
