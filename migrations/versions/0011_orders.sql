ALTER TABLE products ADD COLUMN single_premium BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN products.single_premium IS 'Whether the premium is paid once, at the beginning, and not in instalments.';

COMMENT ON COLUMN products.base_premium_amount IS 'Yearly premium before any pricing factor; of products that are paid once the whole premium.';

-- Products that were sold for a single premium only are such products.
UPDATE products p SET single_premium = true
WHERE EXISTS (SELECT FROM contracts c WHERE c.product_id = p.id)
  AND NOT EXISTS (SELECT FROM contracts c WHERE c.product_id = p.id AND c.billing_frequency <> 'SINGLE');

ALTER TABLE orders ADD COLUMN submitted_by TEXT;

COMMENT ON COLUMN orders.submitted_by IS 'Who handed it in, as the history names them; they may not approve it. None if not known.';

COMMENT ON COLUMN orders.premium_amount IS 'Premium each billing period: quoted, and once approved with its loading.';

ALTER TABLE order_documents ADD COLUMN rejection_reason TEXT;

COMMENT ON COLUMN order_documents.rejection_reason IS 'Why it was refused, or is no longer asked for.';

drop view c360_staff.orders;

create view c360_staff.orders as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.number, t.product_id, t.status, t.coverage_level, t.coverage_amount, t.premium_amount, t.currency, t.billing_frequency, t.requested_start_on, t.channel, t.agent_id, t.partner_id, t.submitted_at, t.submitted_by, t.decided_at, t.rejection_reason from public.orders t where not t.restricted;

grant select on c360_staff.orders to c360_staff;

drop view c360_staff.order_documents;

create view c360_staff.order_documents as select t.id, t.restricted, t.customer_id, t.order_id, t.kind, t.status, t.requested_at, t.received_at, t.verified_at, t.verified_by_id, t.rejection_reason from public.order_documents t where not t.restricted;

grant select on c360_staff.order_documents to c360_staff;
