"""A database's schema as PostgreSQL's catalog tells it, for comparing two of them."""

import psycopg

_QUERY = """
select 'column' as kind, c.relname || '.' || a.attname as name,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
                 a.attgenerated, pg_get_expr(d.adbin, d.adrelid), '#', col_description(c.oid, a.attnum)) as definition
from pg_attribute a join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
union all
select 'table', c.relname, obj_description(c.oid) from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
union all
select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
union all
select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = 'public'::regnamespace
union all
select 'sequence', c.relname, '' from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
union all
select 'function', p.proname, pg_get_functiondef(p.oid) from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.proname like 'c360%'
order by 1, 2
"""


def catalog(url: str) -> dict[tuple[str, str], str | None]:
    """(kind, name) -> definition for tables, columns, constraints, indexes, sequences and functions."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(_QUERY).fetchall()
    return {(kind, name): definition for kind, name, definition in rows if "alembic_version" not in name}
