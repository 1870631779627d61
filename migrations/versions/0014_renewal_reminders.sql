ALTER TABLE contracts ADD COLUMN renewal_reminded_on DATE;

COMMENT ON COLUMN contracts.renewal_reminded_on IS 'Day on which the customer was last reminded of a renewal, if ever.';

drop view c360_staff.contracts;

create view c360_staff.contracts as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.number, t.product_id, t.order_id, t.status, t.coverage_level, t.coverage_amount, t.deductible_amount, t.currency, t.started_on, t.ends_on, t.premium_amount, t.annual_premium_amount, t.billing_frequency, t.renewal_on, t.renewal_reminded_on, t.cash_value_amount, t.surrender_value_amount, t.grace_period_ends_on, t.ended_on, t.partner_id, t.agent_id, t.attributes from public.contracts t where not t.restricted;

grant select on c360_staff.contracts to c360_staff;

grant select (renewal_reminded_on) on public.contracts to c360_partner;

alter policy c360_partner on events using (type in ('ClaimApproved', 'ClaimClosed', 'ClaimRejected', 'ClaimSettled', 'ClaimStatusChanged', 'ClaimSubmitted', 'ContractAmended', 'ContractCancelled', 'ContractExpired', 'ContractIssued', 'ContractLapsed', 'ContractReinstated', 'ContractRenewed', 'CoverBegan', 'DocumentVerified', 'GracePeriodEnded', 'GracePeriodEntered', 'OrderApproved', 'OrderDrafted', 'OrderStatusChanged', 'OrderSubmitted', 'RenewalReminderSent') and exists (select from partner_book b where b.object_id = events.subject_id and b.kind = events.subject_kind));
