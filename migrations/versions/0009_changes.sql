CREATE TABLE idempotency_keys (
	actor TEXT NOT NULL, 
	key TEXT NOT NULL, 
	command TEXT NOT NULL, 
	input_digest BYTEA NOT NULL, 
	result JSONB DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT idempotency_keys_pkey PRIMARY KEY (actor, key)
);

CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

COMMENT ON TABLE idempotency_keys IS 'A key that a client gave a command, and what came of it. Kept for thirty days.';

COMMENT ON COLUMN idempotency_keys.actor IS 'Who gave it: the id of a user or API key, or system.';

COMMENT ON COLUMN idempotency_keys.key IS 'The key, as the client chose it.';

COMMENT ON COLUMN idempotency_keys.command IS 'The command it was given with.';

COMMENT ON COLUMN idempotency_keys.input_digest IS 'SHA-256 of the command''s input.';

COMMENT ON COLUMN idempotency_keys.result IS 'What the command made or changed, by the name of the payload''s field.';

COMMENT ON COLUMN idempotency_keys.created_at IS 'When it was first used.';

