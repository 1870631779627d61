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
union all
select 'row security', c.relname, concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity) from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
union all
select 'policy', tablename || '.' || policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check)
from pg_policies
union all
select 'view', c.oid::regclass::text, concat_ws(' ', c.reloptions, pg_get_viewdef(c.oid)) from pg_class c
where c.relkind = 'v' and c.relnamespace::regnamespace::text in ('public', 'c360_staff')
union all
select 'grant', concat_ws(' ', c.oid::regclass, a.attname, g.grantee::regrole),
       string_agg(concat_ws(' ', g.privilege_type, g.is_grantable), ', ' order by g.privilege_type)
from pg_class c
left join pg_attribute a on a.attrelid = c.oid and a.attacl is not null
cross join lateral (
    select * from aclexplode(c.relacl) where a.attname is null union all select * from aclexplode(a.attacl)) g
where c.relnamespace::regnamespace::text in ('public', 'c360_staff') and g.grantee <> c.relowner
group by c.oid, a.attname, g.grantee
union all
select 'grant', concat_ws(' ', p.oid::regprocedure, g.grantee::regrole, g.privilege_type), ''
from pg_proc p cross join lateral aclexplode(p.proacl) g
where p.pronamespace = 'public'::regnamespace and p.proname like 'c360%' and g.grantee <> p.proowner
union all
select 'grant', concat_ws(' ', n.nspname, g.grantee::regrole, g.privilege_type), ''
from pg_namespace n cross join lateral aclexplode(n.nspacl) g where n.nspname in ('public', 'c360_staff')
union all
select 'trigger', t.tgrelid::regclass || '.' || t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), '#', t.tgenabled)
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace = 'public'::regnamespace
order by 1, 2
"""


def catalog(url: str) -> dict[tuple[str, str], str | None]:
    """(kind, name) -> definition of all that the migrations make, from tables to grants."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(_QUERY).fetchall()
    return {(kind, name): definition for kind, name, definition in rows if "alembic_version" not in name}
