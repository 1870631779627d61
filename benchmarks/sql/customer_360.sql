-- The 360° profile in one statement: what PostgreSQL alone needs to make the same JSON. $1 is the customer's number.
select json_build_object('data', json_build_object('customer', json_build_object(
    'id', 'cus_' || c.id, 'number', c.number, 'kind', c.kind, 'displayName', c.display_name,
    'birthDate', c.birth_date, 'gender', c.gender, 'maritalStatus', c.marital_status, 'language', c.language,
    'status', c.status, 'kycStatus', c.kyc_status, 'riskScore', c.risk_score, 'riskBand', c.risk_band,
    'segment', c.segment, 'customerSince', c.customer_since,
    'lifetimeValue', json_build_object('amount', c.lifetime_value_amount::text, 'currency', c.currency),
    'totals', (
        select coalesce(json_agg(json_build_object('contractCount', t.contracts,
            'annualPremium', json_build_object('amount', t.premium::text, 'currency', t.currency),
            'openClaimCount', t.claims) order by t.currency), '[]')
        from (
            select k.currency, count(*) as contracts, sum(k.annual_premium_amount) as premium,
                coalesce(sum(o.claims), 0)::bigint as claims
            from contracts k left join lateral (
                select count(*) as claims from claims s where s.contract_id = k.id and s.status in ({open})) o on true
            where k.customer_id = c.id and k.status in ('ACTIVE', 'GRACE_PERIOD') group by k.currency) t),
    'addresses', (
        select coalesce(json_agg(json_build_object('id', 'adr_' || a.id, 'kind', a.kind, 'street', a.street,
            'postalCode', a.postal_code, 'city', a.city, 'country', a.country, 'isPrimary', a.is_primary)
            order by a.kind, a.id), '[]')
        from addresses a where a.customer_id = c.id),
    'phones', (
        select coalesce(json_agg(json_build_object('id', 'phn_' || p.id, 'kind', p.kind, 'number', p.e164,
            'isPrimary', p.is_primary) order by p.kind, p.id), '[]')
        from phones p where p.customer_id = c.id),
    'emails', (
        select coalesce(json_agg(json_build_object('id', 'eml_' || e.id, 'kind', e.kind, 'address', e.address,
            'isPrimary', e.is_primary) order by e.kind, e.id), '[]')
        from emails e where e.customer_id = c.id),
    'household', (
        select json_build_object('id', 'hhd_' || h.id, 'number', h.number, 'name', h.name, 'members', (
            select coalesce(json_agg(json_build_object('id', 'hhm_' || m.id, 'role', m.role, 'customer',
                json_build_object('id', 'cus_' || n.id, 'number', n.number, 'displayName', n.display_name))
                order by m.role, m.id), '[]')
            from household_members m join customers n on n.id = m.customer_id where m.household_id = h.id))
        from household_members m join households h on h.id = m.household_id
        where m.customer_id = c.id and m.left_on is null),
    'relationships', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'rel_' || r.id, 'kind', r.kind, 'startedOn', r.started_on,
            'relatedCustomer', json_build_object('id', 'cus_' || n.id, 'number', n.number,
                'displayName', n.display_name)) order by r.kind, r.id), '[]')
        from (select * from relationships r where r.customer_id = c.id order by r.kind, r.id limit 10) r
        join customers n on n.id = r.related_customer_id)),
    'contracts', json_build_object(
        'totalCount', (select count(*) from contracts k where k.customer_id = c.id),
        'nodes', (
        select coalesce(json_agg(json_build_object('id', 'con_' || k.id, 'number', k.number, 'status', k.status,
            'coverageLevel', k.coverage_level, 'startedOn', k.started_on, 'endsOn', k.ends_on,
            'premium', json_build_object('amount', k.premium_amount::text, 'currency', k.currency),
            'billingFrequency', k.billing_frequency,
            'product', json_build_object('id', 'prd_' || p.id, 'code', p.code, 'name', p.name),
            'agent', case when g.id is not null then json_build_object('id', 'agt_' || g.id, 'number', g.number,
                'firstName', g.first_name, 'lastName', g.last_name) end,
            'parties', (
                select coalesce(json_agg(json_build_object('id', 'cpa_' || y.id, 'role', y.role, 'rank', y.rank,
                    'name', y.name, 'sharePercent', y.share_percent::text) order by y.role, y.id), '[]')
                from contract_parties y where y.contract_id = k.id),
            'payments', json_build_object('nodes', (
                select coalesce(json_agg(json_build_object('id', 'pay_' || y.id, 'kind', y.kind, 'status', y.status,
                    'dueOn', y.due_on, 'paidAt', y.paid_at,
                    'amount', json_build_object('amount', y.amount::text, 'currency', y.currency))
                    order by y.due_on desc, y.id desc), '[]')
                from (select * from payments y where y.contract_id = k.id
                    order by y.due_on desc, y.id desc limit 6) y))) order by k.started_on desc, k.id desc), '[]')
        from (select * from contracts k where k.customer_id = c.id order by k.started_on desc, k.id desc limit 10) k
        join products p on p.id = k.product_id left join agents g on g.id = k.agent_id)),
    'orders', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'ord_' || o.id, 'number', o.number, 'status', o.status,
            'submittedAt', o.submitted_at,
            'premium', json_build_object('amount', o.premium_amount::text, 'currency', o.currency),
            'documents', (
                select coalesce(json_agg(json_build_object('id', 'odc_' || d.id, 'kind', d.kind, 'status', d.status)
                    order by d.kind, d.id), '[]')
                from order_documents d where d.order_id = o.id)) order by o.created_at desc, o.id desc), '[]')
        from (select * from orders o where o.customer_id = c.id order by o.created_at desc, o.id desc limit 5) o)),
    'claims', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'clm_' || s.id, 'number', s.number, 'status', s.status,
            'cause', s.cause, 'incidentOn', s.incident_on, 'reportedAt', s.reported_at,
            'claimed', json_build_object('amount', s.claimed_amount::text, 'currency', s.currency),
            'paid', json_build_object('amount', s.paid_amount::text, 'currency', s.currency),
            'notes', (
                select coalesce(json_agg(json_build_object('id', 'cln_' || n.id, 'body', n.body,
                    'createdAt', n.created_at) order by n.created_at, n.id), '[]')
                from claim_notes n where n.claim_id = s.id),
            'payments', (
                select coalesce(json_agg(json_build_object('id', 'clp_' || y.id, 'status', y.status,
                    'amount', json_build_object('amount', y.amount::text, 'currency', y.currency),
                    'paidAt', y.paid_at) order by y.approved_at, y.id), '[]')
                from claim_payments y where y.claim_id = s.id)) order by s.reported_at desc, s.id desc), '[]')
        from (select * from claims s where s.customer_id = c.id order by s.reported_at desc, s.id desc limit 5) s)),
    'interactions', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'int_' || i.id, 'type', i.type, 'channel', i.channel,
            'direction', i.direction, 'outcome', i.outcome, 'subject', i.subject, 'occurredAt', i.occurred_at,
            'agent', case when g.id is not null then json_build_object('id', 'agt_' || g.id, 'number', g.number,
                'firstName', g.first_name, 'lastName', g.last_name) end)
            order by i.occurred_at desc, i.id desc), '[]')
        from (select * from interactions i where i.customer_id = c.id
            order by i.occurred_at desc, i.id desc limit 10) i left join agents g on g.id = i.agent_id)),
    'complaints', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'cmp_' || b.id, 'number', b.number,
            'category', b.category, 'status', b.status, 'filedAt', b.filed_at, 'dueOn', b.due_on,
            'resolution', b.resolution) order by b.filed_at desc, b.id desc), '[]')
        from (select * from complaints b where b.customer_id = c.id
            order by b.filed_at desc, b.id desc limit 5) b)),
    'timeline', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'evt_' || v.id, 'type', v.type, 'category', v.category,
            'summary', v.summary, 'occurredAt', v.occurred_at) order by v.occurred_at desc, v.id desc), '[]')
        from (select * from events v where v.customer_id = c.id
            order by v.occurred_at desc, v.id desc limit 20) v))
)))::text
from customers c where c.number = $1::text
