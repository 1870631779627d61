-- The list in one statement. $1 and $2 are sort name and id of the customer it starts behind.
select json_build_object('data', json_build_object('customers', json_build_object('nodes', json_agg(json_build_object(
    'id', 'cus_' || c.id, 'number', c.number, 'displayName', c.display_name, 'status', c.status,
    'segment', c.segment, 'customerSince', c.customer_since,
    'contracts', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'con_' || k.id, 'number', k.number, 'status', k.status,
            'startedOn', k.started_on,
            'premium', json_build_object('amount', k.premium_amount::text, 'currency', k.currency),
            'product', json_build_object('id', 'prd_' || p.id, 'code', p.code, 'name', p.name))
            order by k.started_on desc, k.id desc), '[]')
        from (select * from contracts k where k.customer_id = c.id order by k.started_on desc, k.id desc limit 10) k
        join products p on p.id = k.product_id)),
    'openClaims', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object('id', 'clm_' || s.id, 'number', s.number, 'status', s.status,
            'reportedAt', s.reported_at,
            'claimed', json_build_object('amount', s.claimed_amount::text, 'currency', s.currency))
            order by s.reported_at desc, s.id desc), '[]')
        from (select * from claims s where s.customer_id = c.id and s.status in ({open})
            order by s.reported_at desc, s.id desc limit 10) s))
) order by c.sort_name, c.id))))::text
from (
    select * from customers c where (c.sort_name, c.id) > ($1::text, $2::uuid) order by c.sort_name, c.id limit 50) c
