-- Access: users, sessions, second factors, API keys, signing keys. No part of the graph.

CREATE TABLE users (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    login TEXT NOT NULL,
    status TEXT NOT NULL,
    roles TEXT[] NOT NULL,
    partner_id UUID,
    agent_id UUID,
    password_hash TEXT,
    password_expires_at TIMESTAMP WITH TIME ZONE,
    must_change_password BOOLEAN NOT NULL,
    failed_attempts INTEGER NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    last_login_at TIMESTAMP WITH TIME ZONE,
    totp_secret TEXT,
    totp_confirmed_at TIMESTAMP WITH TIME ZONE,
    totp_last_step BIGINT,
    external_issuer TEXT,
    external_subject TEXT,
    access_version INTEGER NOT NULL,
    access_changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_external_issuer_external_subject_key UNIQUE (external_issuer, external_subject),
    CONSTRAINT users_roles_check CHECK (roles <@ array['ADMINISTRATOR', 'MANAGER', 'SENIOR_AGENT', 'AGENT', 'UNDERWRITER', 'PARTNER']),
    CONSTRAINT users_partner_check CHECK (('PARTNER' = any(roles)) = (partner_id is not null)),
    CONSTRAINT users_partner_alone_check CHECK (not 'PARTNER' = any(roles) or cardinality(roles) = 1),
    CONSTRAINT users_external_check CHECK ((external_issuer is null) = (external_subject is null)),
    CONSTRAINT users_password_check CHECK ((password_hash is null) = (external_issuer is not null)),
    CONSTRAINT users_totp_check CHECK (totp_confirmed_at is null or totp_secret is not null),
    CONSTRAINT users_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partners (id),
    CONSTRAINT users_agent_id_fkey FOREIGN KEY(agent_id) REFERENCES agents (id),
    CONSTRAINT users_status_check CHECK (status in ('ACTIVE', 'DISABLED'))
);

CREATE INDEX users_agent_id_idx ON users (agent_id);

CREATE INDEX users_status_id_idx ON users (status, id);

CREATE UNIQUE INDEX users_login_key ON users (lower(login));

CREATE INDEX users_partner_id_idx ON users (partner_id);

CREATE INDEX users_access_changed_at_idx ON users (access_changed_at);

COMMENT ON TABLE users IS 'A person who signs in: with a password here, or at an external identity provider.';

COMMENT ON COLUMN users.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN users.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN users.created_at IS 'When the record was made.';

COMMENT ON COLUMN users.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN users.login IS 'The name the user signs in with; unique whatever its case.';

COMMENT ON COLUMN users.status IS 'Whether the user may sign in.';

COMMENT ON COLUMN users.roles IS 'What the user is; decides what they may see and do.';

COMMENT ON COLUMN users.partner_id IS 'The partner of a partner''s user.';

COMMENT ON COLUMN users.agent_id IS 'The agent the user is, if any.';

COMMENT ON COLUMN users.password_hash IS 'Argon2id hash; none for external identities.';

COMMENT ON COLUMN users.password_expires_at IS 'When a one-time password stops working.';

COMMENT ON COLUMN users.must_change_password IS 'Whether the password must be changed before anything else.';

COMMENT ON COLUMN users.failed_attempts IS 'Failed proofs of identity since the last good one.';

COMMENT ON COLUMN users.locked_until IS 'No attempt is looked at before this moment.';

COMMENT ON COLUMN users.last_login_at IS 'When the user last signed in.';

COMMENT ON COLUMN users.totp_secret IS 'Sealed secret of the authenticator app.';

COMMENT ON COLUMN users.totp_confirmed_at IS 'Since when the authenticator app is asked for; none while it is being set up.';

COMMENT ON COLUMN users.totp_last_step IS 'Time step of the last code that was accepted; older ones are refused.';

COMMENT ON COLUMN users.external_issuer IS 'Issuer of an external identity.';

COMMENT ON COLUMN users.external_subject IS 'The user''s id at that issuer.';

COMMENT ON COLUMN users.access_version IS 'Grows when roles, status or password change; tokens with a lower number are refused.';

COMMENT ON COLUMN users.access_changed_at IS 'When the access version last grew.';

CREATE TABLE signing_keys (
    kid TEXT NOT NULL,
    private_key TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    activates_at TIMESTAMP WITH TIME ZONE NOT NULL,
    retires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid)
);

COMMENT ON TABLE signing_keys IS 'A key that signs access tokens, made by the service itself; never used in production.';

COMMENT ON COLUMN signing_keys.kid IS 'Key id: SHA-256 of the public key.';

COMMENT ON COLUMN signing_keys.private_key IS 'The private key, PEM (PKCS 8).';

COMMENT ON COLUMN signing_keys.created_at IS 'When it was made.';

COMMENT ON COLUMN signing_keys.activates_at IS 'From when it signs; known to all workers before.';

COMMENT ON COLUMN signing_keys.retires_at IS 'From when tokens signed with it are refused.';

CREATE TABLE sessions (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    authenticated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    methods TEXT[] NOT NULL,
    idle_expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_reason TEXT,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_revoked_check CHECK ((revoked_at is null) = (revoked_reason is null)),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT sessions_revoked_reason_check CHECK (revoked_reason in ('SIGNED_OUT', 'SIGNED_OUT_EVERYWHERE', 'REFRESH_REUSED', 'PASSWORD_CHANGED', 'SECOND_FACTOR_CHANGED', 'USER_DISABLED'))
);

CREATE INDEX sessions_user_id_created_at_id_idx ON sessions (user_id, created_at, id);

CREATE INDEX sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at is not null;

CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

COMMENT ON TABLE sessions IS 'A sign-in on one device, and the family of refresh tokens that prolong it.';

COMMENT ON COLUMN sessions.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN sessions.user_id IS 'Who signed in.';

COMMENT ON COLUMN sessions.device IS 'What the browser or program calls itself (User-Agent), cut to 200 characters.';

COMMENT ON COLUMN sessions.created_at IS 'When it began.';

COMMENT ON COLUMN sessions.last_used_at IS 'When it was last refreshed.';

COMMENT ON COLUMN sessions.authenticated_at IS 'When the user last proved who they are.';

COMMENT ON COLUMN sessions.methods IS 'How they proved it, as in the claim `amr` of RFC 8176: pwd, otp.';

COMMENT ON COLUMN sessions.idle_expires_at IS 'When it ends unless it is refreshed before.';

COMMENT ON COLUMN sessions.expires_at IS 'When it ends at the latest.';

COMMENT ON COLUMN sessions.revoked_at IS 'When it was ended before its time.';

COMMENT ON COLUMN sessions.revoked_reason IS 'Why it was ended before its time.';

CREATE TABLE recovery_codes (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    code_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (id),
    CONSTRAINT recovery_codes_user_id_code_hash_key UNIQUE (user_id, code_hash),
    CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY(user_id) REFERENCES users (id)
);

COMMENT ON TABLE recovery_codes IS 'A code that stands in once for the authenticator app.';

COMMENT ON COLUMN recovery_codes.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN recovery_codes.user_id IS 'Whose code it is.';

COMMENT ON COLUMN recovery_codes.code_hash IS 'SHA-256 of the code, in hexadecimal.';

COMMENT ON COLUMN recovery_codes.created_at IS 'When it was given.';

COMMENT ON COLUMN recovery_codes.used_at IS 'When it was used.';

CREATE TABLE api_keys (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    partner_id UUID NOT NULL,
    scopes TEXT[] NOT NULL,
    created_by_id UUID,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    rotated_from_id UUID,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_prefix_key UNIQUE (prefix),
    CONSTRAINT api_keys_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partners (id),
    CONSTRAINT api_keys_created_by_id_fkey FOREIGN KEY(created_by_id) REFERENCES users (id),
    CONSTRAINT api_keys_rotated_from_id_fkey FOREIGN KEY(rotated_from_id) REFERENCES api_keys (id)
);

CREATE INDEX api_keys_created_by_id_idx ON api_keys (created_by_id);

CREATE INDEX api_keys_rotated_from_id_idx ON api_keys (rotated_from_id);

CREATE INDEX api_keys_revoked_at_idx ON api_keys (revoked_at) WHERE revoked_at is not null;

CREATE INDEX api_keys_partner_id_created_at_id_idx ON api_keys (partner_id, created_at, id);

COMMENT ON TABLE api_keys IS 'A credential of a partner''s program: narrower than the partner role, and with an end.';

COMMENT ON COLUMN api_keys.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN api_keys.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN api_keys.created_at IS 'When the record was made.';

COMMENT ON COLUMN api_keys.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN api_keys.name IS 'What the key is for, in the words of whoever made it.';

COMMENT ON COLUMN api_keys.prefix IS 'The readable part of the key, by which it is found.';

COMMENT ON COLUMN api_keys.key_hash IS 'SHA-256 of the whole key, in hexadecimal.';

COMMENT ON COLUMN api_keys.partner_id IS 'The partner whose program it is.';

COMMENT ON COLUMN api_keys.scopes IS 'The permissions it has, all of them permissions of the partner role.';

COMMENT ON COLUMN api_keys.created_by_id IS 'Who made it; none on the command line.';

COMMENT ON COLUMN api_keys.expires_at IS 'When it stops working.';

COMMENT ON COLUMN api_keys.revoked_at IS 'When it was revoked.';

COMMENT ON COLUMN api_keys.last_used_at IS 'When it was last used, to the minute.';

COMMENT ON COLUMN api_keys.rotated_from_id IS 'The key it takes over from.';

CREATE TABLE refresh_tokens (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    token_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    replaced_by_id UUID,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY(session_id) REFERENCES sessions (id),
    CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash),
    CONSTRAINT refresh_tokens_replaced_by_id_fkey FOREIGN KEY(replaced_by_id) REFERENCES refresh_tokens (id)
);

CREATE INDEX refresh_tokens_replaced_by_id_idx ON refresh_tokens (replaced_by_id);

CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

COMMENT ON TABLE refresh_tokens IS 'One refresh token of a session, good for one use; used ones are kept so that a second use is noticed.';

COMMENT ON COLUMN refresh_tokens.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN refresh_tokens.session_id IS 'The session it prolongs.';

COMMENT ON COLUMN refresh_tokens.token_hash IS 'SHA-256 of the token, in hexadecimal.';

COMMENT ON COLUMN refresh_tokens.created_at IS 'When it was given.';

COMMENT ON COLUMN refresh_tokens.used_at IS 'When it was used.';

COMMENT ON COLUMN refresh_tokens.replaced_by_id IS 'The token given in its place.';
