"""The SQL that keeps the row scope: database roles, functions, and the view that defines the partner book.

Two things are derived and kept by triggers. `restricted` of every row with data of customers follows the flag of those
customers. `partner_book` is what the view `partner_book_facts` says. Whoever changes a fact locks the customers
concerned first and derives anew then, so that the last one to commit has seen all the others; that needs READ
COMMITTED, where each statement sees what was committed before it, and other levels are refused.
"""

from core.scope import ROLES

_NAMES = ", ".join(f"'{role.name}'" for role in ROLES)
_LIST = ", ".join(role.name for role in ROLES)

# Roles belong to the cluster, so another database's migration may make them at the same moment.
CREATE_ROLES = f"""do $$
declare
    wanted text;
    -- What a member may do: since PostgreSQL 16 that of taking on the role is one of its own.
    membership text := case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end;
    terms text := case when membership = 'SET' then ' with inherit false, set true' else '' end;
begin
    foreach wanted in array array[{_NAMES}] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception when duplicate_object or unique_violation then
                null;
            end;
        end if;
        if not pg_has_role(current_user, wanted, membership) then
            begin
                execute format('grant %I to %I', wanted, current_user) || terms;
            exception when unique_violation then
                null;
            end;
        end if;
    end loop;
exception when insufficient_privilege then
    raise insufficient_privilege using message = format(
        'the user %1$I may not make the database roles; an administrator makes those that are missing of {_LIST} '
        'once for the whole server (create role … nologin) and then runs: grant {_LIST} to %1$I', current_user);
end$$"""

# A definer's function must not look for names where its caller can put some.
_DEFINER = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"

PARTNER_FUNCTION = """create function c360_partner() returns uuid
language sql stable parallel safe
return nullif(current_setting('c360.partner_id', true), '')::uuid"""

# A pair of partner and customer once, with all that hangs on it. The newest of the consents to sharing that concern the
# partner counts; without any, the contract the partner sold is reason enough.
BOOK_FACTS = """create view partner_book_facts as
select p.partner_id, f.object_id, f.kind, p.customer_id
from (
    select distinct c.partner_id, c.customer_id
    from contracts c join customers u on u.id = c.customer_id
    where c.partner_id is not null and not u.restricted
) p
cross join lateral (
    select p.customer_id as object_id, 'CUSTOMER' as kind
    union all
    select c.id, 'CONTRACT' from contracts c where c.customer_id = p.customer_id and c.partner_id = p.partner_id
    union all
    select o.id, 'ORDER' from orders o where o.customer_id = p.customer_id and o.partner_id = p.partner_id
    union all
    select s.id, 'CLAIM' from claims s join contracts c on c.id = s.contract_id
    where s.customer_id = p.customer_id and c.customer_id = p.customer_id and c.partner_id = p.partner_id
) f
where coalesce((
    select s.status from consents s
    where s.customer_id = p.customer_id and s.purpose = 'PARTNER_SHARING'
      and (s.partner_id is null or s.partner_id = p.partner_id)
    order by s.recorded_at desc, s.id desc limit 1), 'GRANTED') <> 'WITHDRAWN'"""

FUNCTIONS = (
    # Where the feed ends is for everybody: it tells of nobody, and a cursor can be made of it.
    f"""create function c360_feed_head() returns table (number bigint, event_id uuid)
{_DEFINER.replace("plpgsql", "sql stable")}
as 'select f.number, f.event_id from public.event_feed f order by f.number desc limit 1'""",
    """create function c360_read_committed() returns void
language plpgsql
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise invalid_transaction_state using message =
            'data of customers is written in READ COMMITTED transactions: others would not see who else may see it';
    end if;
end$$""",
    # Brings the book in line with the facts for some customers.
    f"""create function c360_refresh_book(changed uuid[]) returns void
{_DEFINER}
as $$
begin
    perform c360_read_committed();
    perform from customers where id = any(changed) order by id for no key update;
    delete from partner_book b
    where b.customer_id = any(changed) and not exists (
        select from partner_book_facts f
        where f.customer_id = any(changed)
          and (f.object_id, f.partner_id, f.kind) = (b.object_id, b.partner_id, b.kind));
    insert into partner_book (object_id, partner_id, kind, customer_id)
    select f.object_id, f.partner_id, f.kind, f.customer_id from partner_book_facts f where f.customer_id = any(changed)
    on conflict (object_id, partner_id, kind) do update set customer_id = excluded.customer_id
        where partner_book.customer_id <> excluded.customer_id;
end$$""",
    # After an insert, once for the statement; the argument says which of the new rows matter.
    f"""create function c360_book_facts_added() returns trigger
{_DEFINER}
as $$
declare
    changed uuid[];
begin
    execute format('select array_agg(distinct n.customer_id) from new_rows n where %s', tg_argv[0]) into changed;
    if changed is not null then
        perform c360_refresh_book(changed);
    end if;
    return null;
end$$""",
    f"""create function c360_book_facts_changed() returns trigger
{_DEFINER}
as $$
begin
    perform c360_refresh_book(case tg_op when 'DELETE' then array[old.customer_id]
                                         else array[old.customer_id, new.customer_id] end);
    return null;
end$$""",
    # After an insert, once for the statement; the arguments name the columns that hold customers. The foreign keys
    # have locked those customers by now, so that none becomes restricted before this transaction ends.
    f"""create function c360_take_restriction() returns trigger
{_DEFINER}
as $$
begin
    perform c360_read_committed();
    if exists (select from customers where restricted) then
        execute format(
            'update %I.%I t set restricted = true from new_rows n where n.id = t.id and not t.restricted'
            ' and exists (select from customers c where c.restricted and c.id in (%s))',
            tg_table_schema, tg_table_name,
            (select string_agg(format('n.%I', owner), ', ') from unnest(tg_argv) owner));
    end if;
    return null;
end$$""",
    f"""create function c360_keep_restriction() returns trigger
{_DEFINER}
as $$
declare
    owners uuid[] := (select array_agg((to_jsonb(new) ->> owner)::uuid) from unnest(tg_argv) owner);
begin
    perform c360_read_committed();
    perform from customers c where c.id = any(owners) order by c.id for key share;
    new.restricted := exists (select from customers c where c.restricted and c.id = any(owners));
    return new;
end$$""",
    # Waits for those who are just adding rows of the customer, and keeps others from it: their foreign keys need it.
    f"""create function c360_before_restriction() returns trigger
{_DEFINER}
as $$
begin
    perform c360_read_committed();
    perform from customers c where c.id = new.id for update;
    return new;
end$$""",
    # The tables with a flag, and the columns by which their rows belong to customers.
    """create function c360_restrictable(out place regclass, out owners text) returns setof record
language sql stable
as $$
    select k.conrelid::regclass, string_agg(format('t.%I', a.attname), ', ' order by a.attnum)
    from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    where k.contype = 'f' and k.confrelid = 'public.customers'::regclass and exists (
        select from pg_attribute r where r.attrelid = k.conrelid and r.attname = 'restricted' and not r.attisdropped)
    group by k.conrelid
$$""",
    f"""create function c360_restriction_changed() returns trigger
{_DEFINER}
as $$
declare
    t record;
begin
    for t in select * from c360_restrictable() loop
        execute format('update %s t set restricted = $1 where $2 in (%s) and t.restricted <> $1', t.place, t.owners)
        using new.restricted, new.id;
    end loop;
    perform c360_refresh_book(array[new.id]);
    return null;
end$$""",
    # For loads that leave the triggers out, and to set right what was changed behind their back.
    f"""create function c360_settle_scope() returns void
{_DEFINER}
as $$
declare
    t record;
begin
    perform c360_read_committed();
    lock table customers in exclusive mode;
    for t in select * from c360_restrictable() loop
        execute format(
            'update %s t set restricted = not t.restricted'
            ' where t.restricted <> exists (select from customers c where c.restricted and c.id in (%s))',
            t.place, t.owners);
    end loop;
    delete from partner_book;
    insert into partner_book (object_id, partner_id, kind, customer_id)
    select f.object_id, f.partner_id, f.kind, f.customer_id from partner_book_facts f;
end$$""",
)

# Only the triggers and the owner run these.
PRIVATE_FUNCTIONS = (
    "c360_read_committed()",
    "c360_refresh_book(uuid[])",
    "c360_book_facts_added()",
    "c360_book_facts_changed()",
    "c360_take_restriction()",
    "c360_keep_restriction()",
    "c360_before_restriction()",
    "c360_restrictable()",
    "c360_restriction_changed()",
    "c360_settle_scope()",
)

_CHANGED_PAIR = "(old.partner_id, old.customer_id) is distinct from (new.partner_id, new.customer_id)"

# Table -> what of it matters to the book: new rows, columns, when a change of them, when a row that goes.
BOOK_TRIGGERS: dict[str, tuple[str, str, str, str]] = {
    "contracts": ("n.partner_id is not null", "partner_id, customer_id", _CHANGED_PAIR, "old.partner_id is not null"),
    "orders": ("n.partner_id is not null", "partner_id, customer_id", _CHANGED_PAIR, "old.partner_id is not null"),
    # Also of contracts without a partner: another transaction may just be giving them one.
    "claims": (
        "true",
        "contract_id, customer_id",
        "(old.contract_id, old.customer_id) is distinct from (new.contract_id, new.customer_id)",
        "true",
    ),
    "consents": (
        "n.purpose = 'PARTNER_SHARING'",
        "customer_id, purpose, status, recorded_at, partner_id",
        "'PARTNER_SHARING' in (old.purpose, new.purpose)",
        "old.purpose = 'PARTNER_SHARING'",
    ),
}


def book_triggers(table: str) -> list[str]:
    """The triggers by which a table keeps the partner book."""
    added, columns, changed, removed = BOOK_TRIGGERS[table]
    quoted = added.replace("'", "''")
    return [
        f"create trigger book_facts_added after insert on {table} referencing new table as new_rows"
        f" for each statement execute function c360_book_facts_added('{quoted}')",
        f"create trigger book_facts_changed after update of {columns} on {table}"
        f" for each row when ({changed}) execute function c360_book_facts_changed()",
        f"create trigger book_facts_removed after delete on {table}"
        f" for each row when ({removed}) execute function c360_book_facts_changed()",
    ]


def restriction_triggers(table: str, owners: tuple[str, ...]) -> list[str]:
    """The triggers by which a table's rows follow the restriction of the customers that `owners` name."""
    arguments = ", ".join(f"'{owner}'" for owner in owners)
    columns = ", ".join((*owners, "restricted"))
    before = ", ".join(f"old.{owner}" for owner in (*owners, "restricted"))
    after = ", ".join(f"new.{owner}" for owner in (*owners, "restricted"))
    return [
        f"create trigger restriction_taken after insert on {table} referencing new table as new_rows"
        f" for each statement execute function c360_take_restriction({arguments})",
        f"create trigger restriction_kept before update of {columns} on {table}"
        f" for each row when (({before}) is distinct from ({after}))"
        f" execute function c360_keep_restriction({arguments})",
    ]


CUSTOMER_TRIGGERS = (
    "create trigger before_restriction before update of restricted on customers"
    " for each row when (old.restricted <> new.restricted) execute function c360_before_restriction()",
    "create trigger restriction_changed after update of restricted on customers"
    " for each row when (old.restricted <> new.restricted) execute function c360_restriction_changed()",
)
