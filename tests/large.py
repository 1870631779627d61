"""Many rows made inside PostgreSQL, for tests that look at plans: 100,000 customers, with phones and e-mails."""

CUSTOMERS = 100_000

LARGE = f"""
insert into customers (id, created_at, updated_at, kind, first_name, last_name, display_name, sort_name, currency,
                       language, status, kyc_status, lifetime_value_amount, segment, customer_since)
select gen_random_uuid(), now(), now(), 'PERSON', 'First' || md5(n::text), 'Last' || md5((n * 7)::text), 'x', 'x' || n,
       'EUR', 'de', 'ACTIVE', 'VERIFIED', 0, 'MASS', '2020-01-01'
from generate_series(1, {CUSTOMERS}) n;
insert into phones (id, customer_id, kind, e164, is_primary, created_at)
select gen_random_uuid(), id, 'MOBILE', '+49' || (1500000000 + row_number() over ()), true, now() from customers;
insert into emails (id, customer_id, kind, address, is_primary, created_at)
select gen_random_uuid(), id, 'PERSONAL', md5(id::text) || '@example.com', true, now() from customers;
insert into customer_identifiers (id, customer_id, scheme, value, created_at)
select gen_random_uuid(), id, 'crm', 'CRM-' || row_number() over (), now() from customers;
insert into households (id, created_at, updated_at, name, formed_on)
select gen_random_uuid(), now(), now(), 'H' || n, '2020-01-01' from generate_series(1, 20000) n;
insert into teams (id, code, name, kind) values (gen_random_uuid(), 'T', 'T', 'SALES');
insert into product_categories (id, code, name, description, line_of_business)
values (gen_random_uuid(), 'c', 'c', 'c', 'MOTOR');
insert into products (id, created_at, updated_at, code, name, description, category_id, status, currency,
                      base_premium_amount, builds_cash_value, requires_medical_exam, launched_on)
select gen_random_uuid(), now(), now(), 'p', 'p', 'p', id, 'ON_SALE', 'EUR', 1, false, false, '2020-01-01'
from product_categories;
insert into contracts (id, created_at, updated_at, customer_id, product_id, status, coverage_level, currency,
                       started_on, premium_amount, annual_premium_amount, billing_frequency)
select gen_random_uuid(), now(), now(), c.id, p.id, 'ACTIVE', 'BASIC', 'EUR', '2020-01-01', 1, 12, 'MONTHLY'
from (select * from customers limit 20000) c, products p;
insert into orders (id, created_at, updated_at, customer_id, product_id, status, coverage_level, premium_amount,
                    currency, billing_frequency, requested_start_on, channel)
select gen_random_uuid(), now(), now(), c.id, p.id, 'ISSUED', 'BASIC', 1, 'EUR', 'MONTHLY', '2020-01-01', 'PHONE'
from (select * from customers limit 20000) c, products p;
insert into claims (id, created_at, updated_at, customer_id, contract_id, status, cause, incident_on, reported_at,
                    currency, claimed_amount, reserve_amount, paid_amount)
select gen_random_uuid(), now(), now(), c.customer_id, c.id, 'CLOSED', 'THEFT', '2021-01-01', '2021-01-02', 'EUR',
       1, 0, 1
from contracts c;
insert into complaints (id, created_at, updated_at, customer_id, category, status, channel, description, filed_at,
                        due_on)
select gen_random_uuid(), now(), now(), c.id, 'BILLING', 'CLOSED', 'PHONE', 'x', '2021-01-01', '2021-02-01'
from customers c limit 20000;
analyze;
"""
