-- What PostGraphile needs besides the tables: functions are its way to offer sums and conditions on sets.
-- They live in a schema of their own, in the database of the benchmark.
create schema if not exists bench;

do $$ begin
    create type bench.totals as (currency text, contract_count bigint, annual_premium_amount numeric, open_claim_count bigint);
exception when duplicate_object then null; end $$;

create or replace function bench.customers_totals(customer public.customers) returns setof bench.totals
    language sql stable
    as $$
    select c.currency, count(*), sum(c.annual_premium_amount), coalesce(sum(o.claims), 0)::bigint
    from public.contracts c left join lateral (
        select count(*) as claims from public.claims s
        where s.contract_id = c.id
        and s.status in ('SUBMITTED', 'ACKNOWLEDGED', 'INVESTIGATING', 'PENDING_INFO', 'PENDING_APPROVAL', 'APPROVED')) o on true
    where c.customer_id = customer.id and c.status in ('ACTIVE', 'GRACE_PERIOD')
    group by c.currency order by c.currency
    $$;

create or replace function bench.customers_open_claims(customer public.customers) returns setof public.claims
    language sql stable
    as $$
    select * from public.claims s
    where s.customer_id = customer.id and s.status in ('SUBMITTED', 'ACKNOWLEDGED', 'INVESTIGATING', 'PENDING_INFO', 'PENDING_APPROVAL', 'APPROVED')
    order by s.reported_at desc, s.id desc
    $$;

create or replace function bench.customers_household(customer public.customers) returns public.households
    language sql stable
    as $$
    select h.* from public.households h
    where h.id = (
        select m.household_id from public.household_members m where m.customer_id = customer.id and m.left_on is null)
    $$;
