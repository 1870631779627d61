"""What the tables need that is no table: extensions, functions, number sequences and triggers.

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
    """create function c360_append_only() returns trigger
    language plpgsql
    as $$begin
        raise exception using message = tg_table_name || ' is append-only', errcode = 'restrict_violation';
    end$$""",
    # With the event, in its transaction: what is not committed waits for no number (events/sequencing.py).
    """create function c360_queue_events() returns trigger
    language plpgsql
    as $$begin
        insert into event_queue (position, event_id, customer_id) select position, id, customer_id from new_rows;
        return null;
    end$$""",
)

SEQUENCES = (
    *(f"create sequence {table}_number_seq" for table in NUMBERED_TABLES),
    "create sequence events_position_seq",
    "create sequence audit_entries_position_seq",
)

PREAMBLE: tuple[str, ...] = (*EXTENSIONS, *FUNCTIONS, *SEQUENCES)

# Their rows stay as they were written, whoever asks: the triggers also hold for the owner, and for replication roles.
APPEND_ONLY_TABLES = ("audit_entries", "audit_seals")


# Every new event waits for its number, whoever wrote it.
QUEUE_EVENTS = (
    "create trigger queued after insert on events referencing new table as new_rows"
    " for each statement execute function c360_queue_events()"
)


def append_only(table: str) -> tuple[str, ...]:
    """The statements that let `table` refuse every UPDATE, DELETE and TRUNCATE."""
    name = f"{table}_append_only"
    return (
        f"create trigger {name} before update or delete or truncate on {table}"
        " for each statement execute function c360_append_only()",
        f"alter table {table} enable always trigger {name}",
    )
