-- Row scope: database roles, consents, restricted customers, the partner book, row-level security, views and grants.

do $$
declare
    wanted text;
    -- What a member may do: since PostgreSQL 16 that of taking on the role is one of its own.
    membership text := case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end;
    terms text := case when membership = 'SET' then ' with inherit false, set true' else '' end;
begin
    foreach wanted in array array['c360_staff', 'c360_staff_unrestricted', 'c360_partner'] loop
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
        'the user %1$I may not make the database roles; an administrator makes those that are missing of c360_staff, c360_staff_unrestricted, c360_partner '
        'once for the whole server (create role … nologin) and then runs: grant c360_staff, c360_staff_unrestricted, c360_partner to %1$I', current_user);
end$$;

CREATE TABLE consents (
    id UUID NOT NULL,
    restricted BOOLEAN DEFAULT false NOT NULL,
    customer_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    partner_id UUID,
    CONSTRAINT consents_pkey PRIMARY KEY (id),
    CONSTRAINT consents_partner_of_sharing_check CHECK (partner_id is null or purpose = 'PARTNER_SHARING'),
    CONSTRAINT consents_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT consents_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partners (id),
    CONSTRAINT consents_purpose_check CHECK (purpose in ('MARKETING', 'PROFILING', 'PARTNER_SHARING', 'SURVEYS', 'CREDIT_CHECK', 'HEALTH_DATA')),
    CONSTRAINT consents_status_check CHECK (status in ('GRANTED', 'WITHDRAWN')),
    CONSTRAINT consents_channel_check CHECK (channel in ('PHONE', 'EMAIL', 'CHAT', 'MOBILE_APP', 'WEB_PORTAL', 'MAIL', 'IN_PERSON'))
);

CREATE INDEX consents_customer_id_status_idx ON consents (customer_id, status);

CREATE INDEX consents_partner_id_recorded_at_id_idx ON consents (partner_id, recorded_at, id);

CREATE INDEX consents_customer_id_recorded_at_id_idx ON consents (customer_id, recorded_at, id);

CREATE INDEX consents_customer_id_purpose_recorded_at_id_idx ON consents (customer_id, purpose, recorded_at, id);

COMMENT ON TABLE consents IS 'What a customer said about a purpose. Rows are only added; for each purpose the newest counts.';

COMMENT ON COLUMN consents.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN consents.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

COMMENT ON COLUMN consents.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN consents.purpose IS 'What it is about.';

COMMENT ON COLUMN consents.status IS 'What the customer said.';

COMMENT ON COLUMN consents.channel IS 'How the customer said it.';

COMMENT ON COLUMN consents.recorded_at IS 'When the customer said it.';

COMMENT ON COLUMN consents.partner_id IS 'The one partner a consent to sharing is about; none for all partners.';

CREATE TABLE partner_book (
    object_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    kind TEXT NOT NULL,
    customer_id UUID NOT NULL,
    CONSTRAINT partner_book_pkey PRIMARY KEY (object_id, partner_id, kind),
    CONSTRAINT partner_book_kind_check CHECK (kind in ('CUSTOMER', 'RELATIONSHIP', 'HOUSEHOLD', 'CONTRACT', 'PAYMENT', 'ORDER', 'CLAIM', 'INTERACTION', 'COMPLAINT'))
);

CREATE INDEX partner_book_partner_id_kind_object_id_idx ON partner_book (partner_id, kind, object_id);

CREATE INDEX partner_book_customer_id_idx ON partner_book (customer_id);

COMMENT ON TABLE partner_book IS 'An object a partner may see. Kept by the database (models/scope_functions.py); row-level security looks it up.';

COMMENT ON COLUMN partner_book.object_id IS 'The customer, contract, order or claim.';

COMMENT ON COLUMN partner_book.partner_id IS 'The partner who may see it.';

COMMENT ON COLUMN partner_book.kind IS 'What kind of object it is.';

COMMENT ON COLUMN partner_book.customer_id IS 'The customer it belongs to.';

ALTER TABLE customers
    ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN restricted_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN restriction_reason TEXT,
    ADD CONSTRAINT customers_restricted_since_check CHECK (restricted = (restricted_at is not null));

COMMENT ON COLUMN customers.restricted IS 'Whether the customer, and all that belongs to it, is out of sight for most of the staff and for partners.';

COMMENT ON COLUMN customers.restricted_at IS 'Since when the customer is restricted.';

COMMENT ON COLUMN customers.restriction_reason IS 'Why the customer is restricted.';

CREATE INDEX customers_restricted_idx ON customers (restricted);

ALTER TABLE addresses ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN addresses.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE bank_accounts ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN bank_accounts.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE customer_identifiers ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN customer_identifiers.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE emails ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN emails.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE events ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN events.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE household_members ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN household_members.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE phones ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN phones.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE relationships ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN relationships.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE orders ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN orders.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

CREATE INDEX orders_restricted_idx ON orders (restricted);

ALTER TABLE contracts ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN contracts.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

CREATE INDEX contracts_restricted_idx ON contracts (restricted);

ALTER TABLE medical_exams ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN medical_exams.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE order_documents ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN order_documents.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE order_status_changes ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN order_status_changes.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE underwriting_decisions ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN underwriting_decisions.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE claims ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN claims.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

CREATE INDEX claims_restricted_idx ON claims (restricted);

ALTER TABLE contract_parties ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN contract_parties.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE payments ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN payments.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

CREATE INDEX payments_restricted_idx ON payments (restricted);

ALTER TABLE claim_documents ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN claim_documents.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE claim_notes ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN claim_notes.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE claim_payments ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN claim_payments.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

ALTER TABLE interactions ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN interactions.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

CREATE INDEX interactions_restricted_idx ON interactions (restricted);

ALTER TABLE complaints ADD COLUMN restricted BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN complaints.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

CREATE INDEX complaints_restricted_idx ON complaints (restricted);

create function c360_partner() returns uuid
language sql stable parallel safe
return nullif(current_setting('c360.partner_id', true), '')::uuid;

create view partner_book_facts as
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
    order by s.recorded_at desc, s.id desc limit 1), 'GRANTED') <> 'WITHDRAWN';

insert into partner_book (object_id, partner_id, kind, customer_id)
select f.object_id, f.partner_id, f.kind, f.customer_id from partner_book_facts f;

create function c360_read_committed() returns void
language plpgsql
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise invalid_transaction_state using message =
            'data of customers is written in READ COMMITTED transactions: others would not see who else may see it';
    end if;
end$$;

create function c360_refresh_book(changed uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
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
end$$;

create function c360_book_facts_added() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    changed uuid[];
begin
    execute format('select array_agg(distinct n.customer_id) from new_rows n where %s', tg_argv[0]) into changed;
    if changed is not null then
        perform c360_refresh_book(changed);
    end if;
    return null;
end$$;

create function c360_book_facts_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform c360_refresh_book(case tg_op when 'DELETE' then array[old.customer_id]
                                         else array[old.customer_id, new.customer_id] end);
    return null;
end$$;

create function c360_take_restriction() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
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
end$$;

create function c360_keep_restriction() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    owners uuid[] := (select array_agg((to_jsonb(new) ->> owner)::uuid) from unnest(tg_argv) owner);
begin
    perform c360_read_committed();
    perform from customers c where c.id = any(owners) order by c.id for key share;
    new.restricted := exists (select from customers c where c.restricted and c.id = any(owners));
    return new;
end$$;

create function c360_before_restriction() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform c360_read_committed();
    perform from customers c where c.id = new.id for update;
    return new;
end$$;

create function c360_restrictable(out place regclass, out owners text) returns setof record
language sql stable
as $$
    select k.conrelid::regclass, string_agg(format('t.%I', a.attname), ', ' order by a.attnum)
    from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    where k.contype = 'f' and k.confrelid = 'public.customers'::regclass and exists (
        select from pg_attribute r where r.attrelid = k.conrelid and r.attname = 'restricted' and not r.attisdropped)
    group by k.conrelid
$$;

create function c360_restriction_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
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
end$$;

create function c360_settle_scope() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
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
end$$;

revoke execute on function c360_read_committed() from public;

revoke execute on function c360_refresh_book(uuid[]) from public;

revoke execute on function c360_book_facts_added() from public;

revoke execute on function c360_book_facts_changed() from public;

revoke execute on function c360_take_restriction() from public;

revoke execute on function c360_keep_restriction() from public;

revoke execute on function c360_before_restriction() from public;

revoke execute on function c360_restrictable() from public;

revoke execute on function c360_restriction_changed() from public;

revoke execute on function c360_settle_scope() from public;

create schema c360_staff;

grant usage on schema public to c360_staff, c360_staff_unrestricted, c360_partner;

grant usage on schema c360_staff to c360_staff;

grant select on public.audit_entries to c360_staff_unrestricted;

create trigger before_restriction before update of restricted on customers for each row when (old.restricted <> new.restricted) execute function c360_before_restriction();

create trigger restriction_changed after update of restricted on customers for each row when (old.restricted <> new.restricted) execute function c360_restriction_changed();

alter table customers enable row level security;

create policy c360_partner on customers for select to c360_partner using (exists (select from partner_book b where b.object_id = customers.id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on customers for select to c360_staff_unrestricted using (true);

create view c360_staff.customers as select t.id, t.version, t.created_at, t.updated_at, t.number, t.kind, t.title, t.first_name, t.last_name, t.organisation_name, t.display_name, t.sort_name, t.birth_date, t.gender, t.marital_status, t.education, t.employment_status, t.occupation, t.income_amount, t.currency, t.language, t.nationality, t.national_id_index, t.national_id_masked, t.status, t.kyc_status, t.kyc_verified_at, t.risk_score, t.risk_band, t.lifetime_value_amount, t.segment, t.customer_since, t.restricted, t.restricted_at, t.restriction_reason, t.attributes, t.search_name from public.customers t where not t.restricted;

grant select on c360_staff.customers to c360_staff;

grant select (id, version, created_at, updated_at, number, kind, title, first_name, last_name, organisation_name, display_name, sort_name, birth_date, gender, marital_status, education, employment_status, occupation, income_amount, currency, language, nationality, national_id_index, national_id_masked, status, kyc_status, kyc_verified_at, risk_score, risk_band, lifetime_value_amount, segment, customer_since, restricted, restricted_at, restriction_reason, attributes, search_name) on public.customers to c360_staff_unrestricted;

grant select (id, version, created_at, updated_at, number, kind, title, first_name, last_name, organisation_name, display_name, sort_name, gender, language, status, customer_since, search_name) on public.customers to c360_partner;

alter table households enable row level security;

create policy c360_partner on households for select to c360_partner using (exists (select from household_members m where m.household_id = households.id));

create policy c360_staff on households for select to c360_staff using (true);

create policy c360_staff_unrestricted on households for select to c360_staff_unrestricted using (true);

grant select on public.households to c360_staff;

grant select on public.households to c360_staff_unrestricted;

grant select (id, number, name, formed_on, dissolved_on) on public.households to c360_partner;

alter table partner_book enable row level security;

create policy c360_partner on partner_book for select to c360_partner using (partner_id = c360_partner());

grant select (object_id, partner_id, kind) on public.partner_book to c360_partner;

alter table partners enable row level security;

create policy c360_partner on partners for select to c360_partner using (id = c360_partner());

create policy c360_staff on partners for select to c360_staff using (true);

create policy c360_staff_unrestricted on partners for select to c360_staff_unrestricted using (true);

grant select on public.partners to c360_staff;

grant select on public.partners to c360_staff_unrestricted;

grant select on public.partners to c360_partner;

grant select on public.product_categories to c360_staff;

grant select on public.product_categories to c360_staff_unrestricted;

grant select on public.product_categories to c360_partner;

grant select on public.teams to c360_staff;

grant select on public.teams to c360_staff_unrestricted;

create trigger restriction_taken after insert on addresses referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on addresses for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table addresses enable row level security;

create policy c360_partner on addresses for select to c360_partner using (exists (select from partner_book b where b.object_id = addresses.customer_id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on addresses for select to c360_staff_unrestricted using (true);

create view c360_staff.addresses as select t.id, t.restricted, t.customer_id, t.kind, t.street, t.postal_code, t.city, t.region, t.country, t.area, t.is_primary, t.valid_from, t.valid_to, t.created_at from public.addresses t where not t.restricted;

grant select on c360_staff.addresses to c360_staff;

grant select on public.addresses to c360_staff_unrestricted;

grant select (id, customer_id, kind, street, postal_code, city, region, country, is_primary, valid_from, valid_to, created_at) on public.addresses to c360_partner;

grant select on public.agents to c360_staff;

grant select on public.agents to c360_staff_unrestricted;

create trigger restriction_taken after insert on bank_accounts referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on bank_accounts for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table bank_accounts enable row level security;

create policy c360_staff_unrestricted on bank_accounts for select to c360_staff_unrestricted using (true);

create view c360_staff.bank_accounts as select t.id, t.restricted, t.customer_id, t.holder, t.iban_index, t.iban_masked, t.bank_country, t.is_primary, t.created_at from public.bank_accounts t where not t.restricted;

grant select on c360_staff.bank_accounts to c360_staff;

grant select (id, restricted, customer_id, holder, iban_index, iban_masked, bank_country, is_primary, created_at) on public.bank_accounts to c360_staff_unrestricted;

create trigger restriction_taken after insert on consents referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on consents for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

create trigger book_facts_added after insert on consents referencing new table as new_rows for each statement execute function c360_book_facts_added('n.purpose = ''PARTNER_SHARING''');

create trigger book_facts_changed after update of customer_id, purpose, status, recorded_at, partner_id on consents for each row when ('PARTNER_SHARING' in (old.purpose, new.purpose)) execute function c360_book_facts_changed();

create trigger book_facts_removed after delete on consents for each row when (old.purpose = 'PARTNER_SHARING') execute function c360_book_facts_changed();

alter table consents enable row level security;

create policy c360_partner on consents for select to c360_partner using (exists (select from partner_book b where b.object_id = consents.customer_id and b.kind = 'CUSTOMER') and purpose = 'PARTNER_SHARING' and (partner_id is null or partner_id = c360_partner()));

create policy c360_staff_unrestricted on consents for select to c360_staff_unrestricted using (true);

create view c360_staff.consents as select t.id, t.restricted, t.customer_id, t.purpose, t.status, t.channel, t.recorded_at, t.partner_id from public.consents t where not t.restricted;

grant select on c360_staff.consents to c360_staff;

grant select on public.consents to c360_staff_unrestricted;

grant select (id, customer_id, purpose, status, channel, recorded_at, partner_id) on public.consents to c360_partner;

create trigger restriction_taken after insert on customer_identifiers referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on customer_identifiers for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table customer_identifiers enable row level security;

create policy c360_partner on customer_identifiers for select to c360_partner using (exists (select from partner_book b where b.object_id = customer_identifiers.customer_id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on customer_identifiers for select to c360_staff_unrestricted using (true);

create view c360_staff.customer_identifiers as select t.id, t.restricted, t.customer_id, t.scheme, t.value, t.issued_on, t.created_at from public.customer_identifiers t where not t.restricted;

grant select on c360_staff.customer_identifiers to c360_staff;

grant select on public.customer_identifiers to c360_staff_unrestricted;

grant select (id, customer_id, scheme, value, issued_on, created_at) on public.customer_identifiers to c360_partner;

create trigger restriction_taken after insert on emails referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on emails for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table emails enable row level security;

create policy c360_partner on emails for select to c360_partner using (exists (select from partner_book b where b.object_id = emails.customer_id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on emails for select to c360_staff_unrestricted using (true);

create view c360_staff.emails as select t.id, t.restricted, t.customer_id, t.kind, t.address, t.is_primary, t.verified_at, t.created_at from public.emails t where not t.restricted;

grant select on c360_staff.emails to c360_staff;

grant select on public.emails to c360_staff_unrestricted;

grant select (id, customer_id, kind, address, is_primary, verified_at, created_at) on public.emails to c360_partner;

create trigger restriction_taken after insert on events referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on events for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table events enable row level security;

create policy c360_partner on events for select to c360_partner using (type in ('ClaimApproved', 'ClaimClosed', 'ClaimRejected', 'ClaimSettled', 'ClaimStatusChanged', 'ClaimSubmitted', 'ContractAmended', 'ContractCancelled', 'ContractExpired', 'ContractIssued', 'ContractLapsed', 'ContractReinstated', 'ContractRenewed', 'DocumentVerified', 'GracePeriodEntered', 'OrderApproved', 'OrderDrafted', 'OrderStatusChanged', 'OrderSubmitted') and exists (select from partner_book b where b.object_id = events.subject_id and b.kind = events.subject_kind));

create policy c360_staff_unrestricted on events for select to c360_staff_unrestricted using (true);

create view c360_staff.events as select t.id, t.restricted, t.position, t.transaction_id, t.customer_id, t.type, t.category, t.source, t.summary, t.occurred_at, t.recorded_at, t.subject_kind, t.subject_id, t.cause_id, t.correlation_id, t.actor, t.payload from public.events t where not t.restricted;

grant select on c360_staff.events to c360_staff;

grant select on public.events to c360_staff_unrestricted;

grant select (id, customer_id, type, category, summary, occurred_at, recorded_at, subject_kind, subject_id) on public.events to c360_partner;

create trigger restriction_taken after insert on household_members referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on household_members for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table household_members enable row level security;

create policy c360_partner on household_members for select to c360_partner using (exists (select from partner_book b where b.object_id = household_members.customer_id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on household_members for select to c360_staff_unrestricted using (true);

create view c360_staff.household_members as select t.id, t.restricted, t.customer_id, t.household_id, t.role, t.joined_on, t.left_on from public.household_members t where not t.restricted;

grant select on c360_staff.household_members to c360_staff;

grant select on public.household_members to c360_staff_unrestricted;

grant select (id, customer_id, household_id, role, joined_on, left_on) on public.household_members to c360_partner;

create trigger restriction_taken after insert on phones referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on phones for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table phones enable row level security;

create policy c360_partner on phones for select to c360_partner using (exists (select from partner_book b where b.object_id = phones.customer_id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on phones for select to c360_staff_unrestricted using (true);

create view c360_staff.phones as select t.id, t.restricted, t.customer_id, t.kind, t.e164, t.is_primary, t.verified_at, t.created_at from public.phones t where not t.restricted;

grant select on c360_staff.phones to c360_staff;

grant select on public.phones to c360_staff_unrestricted;

grant select (id, customer_id, kind, e164, is_primary, verified_at, created_at) on public.phones to c360_partner;

grant select on public.products to c360_staff;

grant select on public.products to c360_staff_unrestricted;

grant select on public.products to c360_partner;

create trigger restriction_taken after insert on relationships referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id', 'related_customer_id');

create trigger restriction_kept before update of customer_id, related_customer_id, restricted on relationships for each row when ((old.customer_id, old.related_customer_id, old.restricted) is distinct from (new.customer_id, new.related_customer_id, new.restricted)) execute function c360_keep_restriction('customer_id', 'related_customer_id');

alter table relationships enable row level security;

create policy c360_partner on relationships for select to c360_partner using (exists (select from partner_book b where b.object_id = relationships.customer_id and b.kind = 'CUSTOMER') and exists (select from partner_book b where b.object_id = relationships.related_customer_id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on relationships for select to c360_staff_unrestricted using (true);

create view c360_staff.relationships as select t.id, t.restricted, t.customer_id, t.related_customer_id, t.kind, t.started_on, t.ended_on, t.source, t.created_at from public.relationships t where not t.restricted;

grant select on c360_staff.relationships to c360_staff;

grant select on public.relationships to c360_staff_unrestricted;

grant select (id, customer_id, related_customer_id, kind, started_on, ended_on) on public.relationships to c360_partner;

create trigger restriction_taken after insert on orders referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on orders for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

create trigger book_facts_added after insert on orders referencing new table as new_rows for each statement execute function c360_book_facts_added('n.partner_id is not null');

create trigger book_facts_changed after update of partner_id, customer_id on orders for each row when ((old.partner_id, old.customer_id) is distinct from (new.partner_id, new.customer_id)) execute function c360_book_facts_changed();

create trigger book_facts_removed after delete on orders for each row when (old.partner_id is not null) execute function c360_book_facts_changed();

alter table orders enable row level security;

create policy c360_partner on orders for select to c360_partner using (exists (select from partner_book b where b.object_id = orders.id and b.kind = 'ORDER'));

create policy c360_staff_unrestricted on orders for select to c360_staff_unrestricted using (true);

create view c360_staff.orders as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.number, t.product_id, t.status, t.coverage_level, t.coverage_amount, t.premium_amount, t.currency, t.billing_frequency, t.requested_start_on, t.channel, t.agent_id, t.partner_id, t.submitted_at, t.decided_at, t.rejection_reason from public.orders t where not t.restricted;

grant select on c360_staff.orders to c360_staff;

grant select on public.orders to c360_staff_unrestricted;

grant select (id, version, created_at, updated_at, customer_id, number, product_id, status, coverage_level, coverage_amount, premium_amount, currency, billing_frequency, requested_start_on, channel, partner_id, submitted_at, decided_at) on public.orders to c360_partner;

create trigger restriction_taken after insert on contracts referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on contracts for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

create trigger book_facts_added after insert on contracts referencing new table as new_rows for each statement execute function c360_book_facts_added('n.partner_id is not null');

create trigger book_facts_changed after update of partner_id, customer_id on contracts for each row when ((old.partner_id, old.customer_id) is distinct from (new.partner_id, new.customer_id)) execute function c360_book_facts_changed();

create trigger book_facts_removed after delete on contracts for each row when (old.partner_id is not null) execute function c360_book_facts_changed();

alter table contracts enable row level security;

create policy c360_partner on contracts for select to c360_partner using (exists (select from partner_book b where b.object_id = contracts.id and b.kind = 'CONTRACT'));

create policy c360_staff_unrestricted on contracts for select to c360_staff_unrestricted using (true);

create view c360_staff.contracts as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.number, t.product_id, t.order_id, t.status, t.coverage_level, t.coverage_amount, t.deductible_amount, t.currency, t.started_on, t.ends_on, t.premium_amount, t.annual_premium_amount, t.billing_frequency, t.renewal_on, t.cash_value_amount, t.surrender_value_amount, t.grace_period_ends_on, t.ended_on, t.partner_id, t.agent_id, t.attributes from public.contracts t where not t.restricted;

grant select on c360_staff.contracts to c360_staff;

grant select on public.contracts to c360_staff_unrestricted;

grant select (id, version, created_at, updated_at, customer_id, number, product_id, order_id, status, coverage_level, coverage_amount, deductible_amount, currency, started_on, ends_on, premium_amount, annual_premium_amount, billing_frequency, renewal_on, cash_value_amount, surrender_value_amount, grace_period_ends_on, ended_on, partner_id) on public.contracts to c360_partner;

create trigger restriction_taken after insert on medical_exams referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on medical_exams for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table medical_exams enable row level security;

create policy c360_staff_unrestricted on medical_exams for select to c360_staff_unrestricted using (true);

create view c360_staff.medical_exams as select t.id, t.restricted, t.customer_id, t.order_id, t.status, t.required_at, t.scheduled_at, t.provider, t.completed_at, t.result, t.notes_masked from public.medical_exams t where not t.restricted;

grant select on c360_staff.medical_exams to c360_staff;

grant select (id, restricted, customer_id, order_id, status, required_at, scheduled_at, provider, completed_at, result, notes_masked) on public.medical_exams to c360_staff_unrestricted;

create trigger restriction_taken after insert on order_documents referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on order_documents for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table order_documents enable row level security;

create policy c360_partner on order_documents for select to c360_partner using (exists (select from partner_book b where b.object_id = order_documents.order_id and b.kind = 'ORDER'));

create policy c360_staff_unrestricted on order_documents for select to c360_staff_unrestricted using (true);

create view c360_staff.order_documents as select t.id, t.restricted, t.customer_id, t.order_id, t.kind, t.status, t.requested_at, t.received_at, t.verified_at, t.verified_by_id from public.order_documents t where not t.restricted;

grant select on c360_staff.order_documents to c360_staff;

grant select on public.order_documents to c360_staff_unrestricted;

grant select (id, customer_id, order_id, kind, status, requested_at, received_at, verified_at) on public.order_documents to c360_partner;

create trigger restriction_taken after insert on order_status_changes referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on order_status_changes for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table order_status_changes enable row level security;

create policy c360_partner on order_status_changes for select to c360_partner using (exists (select from partner_book b where b.object_id = order_status_changes.order_id and b.kind = 'ORDER'));

create policy c360_staff_unrestricted on order_status_changes for select to c360_staff_unrestricted using (true);

create view c360_staff.order_status_changes as select t.id, t.restricted, t.customer_id, t.order_id, t.from_status, t.to_status, t.changed_at, t.agent_id, t.reason from public.order_status_changes t where not t.restricted;

grant select on c360_staff.order_status_changes to c360_staff;

grant select on public.order_status_changes to c360_staff_unrestricted;

grant select (id, customer_id, order_id, from_status, to_status, changed_at) on public.order_status_changes to c360_partner;

create trigger restriction_taken after insert on underwriting_decisions referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on underwriting_decisions for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table underwriting_decisions enable row level security;

create policy c360_staff_unrestricted on underwriting_decisions for select to c360_staff_unrestricted using (true);

create view c360_staff.underwriting_decisions as select t.id, t.restricted, t.customer_id, t.order_id, t.mode, t.outcome, t.risk_score, t.loading_percent, t.reason, t.underwriter_id, t.decided_at from public.underwriting_decisions t where not t.restricted;

grant select on c360_staff.underwriting_decisions to c360_staff;

grant select on public.underwriting_decisions to c360_staff_unrestricted;

create trigger restriction_taken after insert on claims referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on claims for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

create trigger book_facts_added after insert on claims referencing new table as new_rows for each statement execute function c360_book_facts_added('true');

create trigger book_facts_changed after update of contract_id, customer_id on claims for each row when ((old.contract_id, old.customer_id) is distinct from (new.contract_id, new.customer_id)) execute function c360_book_facts_changed();

create trigger book_facts_removed after delete on claims for each row when (true) execute function c360_book_facts_changed();

alter table claims enable row level security;

create policy c360_partner on claims for select to c360_partner using (exists (select from partner_book b where b.object_id = claims.id and b.kind = 'CLAIM'));

create policy c360_staff_unrestricted on claims for select to c360_staff_unrestricted using (true);

create view c360_staff.claims as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.number, t.contract_id, t.status, t.cause, t.incident_on, t.incident_place, t.description, t.reported_at, t.currency, t.claimed_amount, t.reserve_amount, t.approved_amount, t.paid_amount, t.handler_id, t.closed_at, t.attributes from public.claims t where not t.restricted;

grant select on c360_staff.claims to c360_staff;

grant select on public.claims to c360_staff_unrestricted;

grant select (id, version, created_at, updated_at, customer_id, number, contract_id, status, cause, incident_on, incident_place, description, reported_at, currency, claimed_amount, approved_amount, paid_amount, closed_at) on public.claims to c360_partner;

create trigger restriction_taken after insert on contract_parties referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id', 'party_customer_id');

create trigger restriction_kept before update of customer_id, party_customer_id, restricted on contract_parties for each row when ((old.customer_id, old.party_customer_id, old.restricted) is distinct from (new.customer_id, new.party_customer_id, new.restricted)) execute function c360_keep_restriction('customer_id', 'party_customer_id');

alter table contract_parties enable row level security;

create policy c360_partner on contract_parties for select to c360_partner using (exists (select from partner_book b where b.object_id = contract_parties.contract_id and b.kind = 'CONTRACT'));

create policy c360_staff_unrestricted on contract_parties for select to c360_staff_unrestricted using (true);

create view c360_staff.contract_parties as select t.id, t.restricted, t.customer_id, t.contract_id, t.party_customer_id, t.name, t.birth_date, t.role, t.rank, t.share_percent, t.relationship, t.created_at from public.contract_parties t where not t.restricted;

grant select on c360_staff.contract_parties to c360_staff;

grant select on public.contract_parties to c360_staff_unrestricted;

grant select (id, customer_id, contract_id, party_customer_id, name, role, rank, share_percent, relationship, created_at) on public.contract_parties to c360_partner;

create trigger restriction_taken after insert on payments referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on payments for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table payments enable row level security;

create policy c360_partner on payments for select to c360_partner using (exists (select from partner_book b where b.object_id = payments.contract_id and b.kind = 'CONTRACT'));

create policy c360_staff_unrestricted on payments for select to c360_staff_unrestricted using (true);

create view c360_staff.payments as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.contract_id, t.kind, t.status, t.method, t.amount, t.currency, t.period_from, t.period_to, t.due_on, t.paid_at, t.reference from public.payments t where not t.restricted;

grant select on c360_staff.payments to c360_staff;

grant select on public.payments to c360_staff_unrestricted;

grant select (id, version, created_at, updated_at, customer_id, contract_id, kind, status, method, amount, currency, period_from, period_to, due_on, paid_at) on public.payments to c360_partner;

create trigger restriction_taken after insert on claim_documents referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on claim_documents for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table claim_documents enable row level security;

create policy c360_partner on claim_documents for select to c360_partner using (exists (select from partner_book b where b.object_id = claim_documents.claim_id and b.kind = 'CLAIM'));

create policy c360_staff_unrestricted on claim_documents for select to c360_staff_unrestricted using (true);

create view c360_staff.claim_documents as select t.id, t.restricted, t.customer_id, t.claim_id, t.kind, t.status, t.name, t.requested_at, t.received_at from public.claim_documents t where not t.restricted;

grant select on c360_staff.claim_documents to c360_staff;

grant select on public.claim_documents to c360_staff_unrestricted;

grant select (id, customer_id, claim_id, kind, status, name, requested_at, received_at) on public.claim_documents to c360_partner;

create trigger restriction_taken after insert on claim_notes referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on claim_notes for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table claim_notes enable row level security;

create policy c360_staff_unrestricted on claim_notes for select to c360_staff_unrestricted using (true);

create view c360_staff.claim_notes as select t.id, t.restricted, t.customer_id, t.claim_id, t.agent_id, t.body, t.created_at from public.claim_notes t where not t.restricted;

grant select on c360_staff.claim_notes to c360_staff;

grant select on public.claim_notes to c360_staff_unrestricted;

create trigger restriction_taken after insert on claim_payments referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on claim_payments for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table claim_payments enable row level security;

create policy c360_partner on claim_payments for select to c360_partner using (exists (select from partner_book b where b.object_id = claim_payments.claim_id and b.kind = 'CLAIM'));

create policy c360_staff_unrestricted on claim_payments for select to c360_staff_unrestricted using (true);

create view c360_staff.claim_payments as select t.id, t.restricted, t.customer_id, t.claim_id, t.status, t.amount, t.currency, t.method, t.payee, t.approved_at, t.paid_at from public.claim_payments t where not t.restricted;

grant select on c360_staff.claim_payments to c360_staff;

grant select on public.claim_payments to c360_staff_unrestricted;

grant select (id, customer_id, claim_id, status, amount, currency, method, approved_at, paid_at) on public.claim_payments to c360_partner;

create trigger restriction_taken after insert on interactions referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on interactions for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table interactions enable row level security;

create policy c360_staff_unrestricted on interactions for select to c360_staff_unrestricted using (true);

create view c360_staff.interactions as select t.id, t.restricted, t.customer_id, t.anonymous_reference, t.type, t.channel, t.direction, t.outcome, t.subject, t.summary, t.occurred_at, t.duration_seconds, t.agent_id, t.contract_id, t.claim_id, t.attributes, t.created_at from public.interactions t where not t.restricted;

grant select on c360_staff.interactions to c360_staff;

grant select on public.interactions to c360_staff_unrestricted;

create trigger restriction_taken after insert on complaints referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on complaints for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table complaints enable row level security;

create policy c360_staff_unrestricted on complaints for select to c360_staff_unrestricted using (true);

create view c360_staff.complaints as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.number, t.category, t.status, t.channel, t.description, t.filed_at, t.due_on, t.resolution, t.resolved_at, t.regulator_reference, t.handler_id, t.interaction_id, t.contract_id, t.claim_id from public.complaints t where not t.restricted;

grant select on c360_staff.complaints to c360_staff;

grant select on public.complaints to c360_staff_unrestricted;
