ALTER TABLE webhook_endpoints ADD COLUMN disabled_reason TEXT;

COMMENT ON COLUMN webhook_endpoints.disabled_reason IS 'Why it was disabled; none unless it was, or once it is resumed.';

ALTER TABLE webhook_endpoints ADD CONSTRAINT webhook_endpoints_disabled_reason_check CHECK (disabled_reason in ('NOTHING_ARRIVES', 'GONE', 'BY_HAND'));

-- Until now the service alone did so, and mostly for that reason.
UPDATE webhook_endpoints SET disabled_reason = 'NOTHING_ARRIVES' WHERE status = 'DISABLED';

grant select (disabled_reason) on public.webhook_endpoints to c360_staff_unrestricted;

grant select (disabled_reason) on public.webhook_endpoints to c360_partner;
