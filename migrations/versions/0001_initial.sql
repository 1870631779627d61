-- The first schema: every table of the connected graph.

create extension if not exists pg_trgm;

create extension if not exists unaccent;

create function c360_fold(value text) returns text
    language sql immutable parallel safe strict
    return lower(public.unaccent('public.unaccent'::regdictionary, value));

create function c360_number(prefix text, sequence regclass) returns text
    language sql volatile
    as $$select prefix || '-' || lpad(n::text, greatest(7, length(n::text)), '0') from nextval(sequence) n$$;

create sequence customers_number_seq;

create sequence households_number_seq;

create sequence agents_number_seq;

create sequence partners_number_seq;

create sequence contracts_number_seq;

create sequence orders_number_seq;

create sequence claims_number_seq;

create sequence complaints_number_seq;

create sequence events_position_seq;

CREATE TABLE customers (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    number TEXT DEFAULT c360_number('C', 'customers_number_seq'::regclass) NOT NULL,
    kind TEXT NOT NULL,
    title TEXT,
    first_name TEXT,
    last_name TEXT,
    organisation_name TEXT,
    display_name TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    birth_date DATE,
    gender TEXT,
    marital_status TEXT,
    education TEXT,
    employment_status TEXT,
    occupation TEXT,
    income_amount NUMERIC(14, 2),
    currency TEXT NOT NULL,
    language TEXT NOT NULL,
    nationality TEXT,
    status TEXT NOT NULL,
    kyc_status TEXT NOT NULL,
    kyc_verified_at TIMESTAMP WITH TIME ZONE,
    risk_score INTEGER,
    risk_band TEXT,
    lifetime_value_amount NUMERIC(14, 2) NOT NULL,
    segment TEXT NOT NULL,
    customer_since DATE NOT NULL,
    attributes JSONB DEFAULT '{}' NOT NULL,
    search_name TEXT GENERATED ALWAYS AS (c360_fold(coalesce(organisation_name, coalesce(first_name, '') || ' ' || coalesce(last_name, '')))) STORED NOT NULL,
    CONSTRAINT customers_pkey PRIMARY KEY (id),
    CONSTRAINT customers_number_key UNIQUE (number),
    CONSTRAINT customers_kind_check CHECK (kind in ('PERSON', 'ORGANISATION')),
    CONSTRAINT customers_gender_check CHECK (gender in ('FEMALE', 'MALE', 'DIVERSE', 'UNDISCLOSED')),
    CONSTRAINT customers_marital_status_check CHECK (marital_status in ('SINGLE', 'MARRIED', 'REGISTERED_PARTNERSHIP', 'SEPARATED', 'DIVORCED', 'WIDOWED')),
    CONSTRAINT customers_education_check CHECK (education in ('NONE', 'SECONDARY', 'VOCATIONAL', 'COLLEGE', 'BACHELOR', 'MASTER', 'DOCTORATE')),
    CONSTRAINT customers_employment_status_check CHECK (employment_status in ('EMPLOYED', 'SELF_EMPLOYED', 'CIVIL_SERVANT', 'STUDENT', 'HOMEMAKER', 'UNEMPLOYED', 'MEDICAL_LEAVE', 'DISABLED', 'RETIRED')),
    CONSTRAINT customers_status_check CHECK (status in ('PROSPECT', 'ACTIVE', 'INACTIVE', 'SUSPENDED', 'DECEASED', 'CLOSED')),
    CONSTRAINT customers_kyc_status_check CHECK (kyc_status in ('NOT_STARTED', 'IN_PROGRESS', 'VERIFIED', 'REJECTED', 'EXPIRED')),
    CONSTRAINT customers_risk_band_check CHECK (risk_band in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    CONSTRAINT customers_segment_check CHECK (segment in ('MASS', 'AFFLUENT', 'PRIVATE', 'YOUNG', 'SENIOR', 'BUSINESS', 'CORPORATE'))
);

CREATE INDEX customers_marital_status_idx ON customers (marital_status);

CREATE INDEX customers_language_idx ON customers (language);

CREATE INDEX customers_risk_band_idx ON customers (risk_band);

CREATE INDEX customers_employment_status_idx ON customers (employment_status);

CREATE INDEX customers_customer_since_id_idx ON customers (customer_since, id);

CREATE INDEX customers_risk_score_id_idx ON customers (risk_score, id);

CREATE INDEX customers_kind_idx ON customers (kind);

CREATE INDEX customers_search_name_trgm_idx ON customers USING gin ((search_name) gin_trgm_ops);

CREATE INDEX customers_education_idx ON customers (education);

CREATE INDEX customers_updated_at_id_idx ON customers (updated_at, id);

CREATE INDEX customers_status_idx ON customers (status);

CREATE INDEX customers_kyc_status_idx ON customers (kyc_status);

CREATE INDEX customers_sort_name_id_idx ON customers (sort_name, id);

CREATE INDEX customers_birth_date_id_idx ON customers (birth_date, id);

CREATE INDEX customers_segment_idx ON customers (segment);

CREATE INDEX customers_lifetime_value_amount_id_idx ON customers (lifetime_value_amount, id);

CREATE INDEX customers_gender_idx ON customers (gender);

CREATE INDEX customers_created_at_id_idx ON customers (created_at, id);

COMMENT ON TABLE customers IS 'A person or organisation the insurer deals with: the centre of the graph.';

COMMENT ON COLUMN customers.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN customers.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN customers.created_at IS 'When the record was made.';

COMMENT ON COLUMN customers.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN customers.number IS 'Customer number, such as C-0004711; unique and never reused.';

COMMENT ON COLUMN customers.kind IS 'Person or organisation.';

COMMENT ON COLUMN customers.title IS 'Academic or noble title that belongs to the name.';

COMMENT ON COLUMN customers.first_name IS 'Given names of a person.';

COMMENT ON COLUMN customers.last_name IS 'Family name of a person.';

COMMENT ON COLUMN customers.organisation_name IS 'Registered name of an organisation.';

COMMENT ON COLUMN customers.display_name IS 'The name as one writes it on a letter.';

COMMENT ON COLUMN customers.sort_name IS 'The name as one files it: family name first.';

COMMENT ON COLUMN customers.birth_date IS 'Date of birth of a person.';

COMMENT ON COLUMN customers.gender IS 'Stated gender of a person.';

COMMENT ON COLUMN customers.marital_status IS 'Civil status of a person.';

COMMENT ON COLUMN customers.education IS 'Highest completed education.';

COMMENT ON COLUMN customers.employment_status IS 'How the person earns a living.';

COMMENT ON COLUMN customers.occupation IS 'Occupation in the customer''s own words.';

COMMENT ON COLUMN customers.income_amount IS 'Yearly gross income.';

COMMENT ON COLUMN customers.currency IS 'Currency of income and lifetime value (ISO 4217).';

COMMENT ON COLUMN customers.language IS 'Preferred language (BCP 47), such as de or en-GB.';

COMMENT ON COLUMN customers.nationality IS 'Nationality (ISO 3166-1 alpha-2).';

COMMENT ON COLUMN customers.status IS 'Where the relationship stands.';

COMMENT ON COLUMN customers.kyc_status IS 'How far the identity is verified.';

COMMENT ON COLUMN customers.kyc_verified_at IS 'When the identity was last verified.';

COMMENT ON COLUMN customers.risk_score IS 'Risk score from 0 (none) to 100.';

COMMENT ON COLUMN customers.risk_band IS 'Band of the risk score.';

COMMENT ON COLUMN customers.lifetime_value_amount IS 'Customer lifetime value: expected margin over the relationship.';

COMMENT ON COLUMN customers.segment IS 'Market segment the customer is served in.';

COMMENT ON COLUMN customers.customer_since IS 'Since when the person or organisation is known to the insurer.';

COMMENT ON COLUMN customers.attributes IS 'Facts from source systems that have no column of their own.';

COMMENT ON COLUMN customers.search_name IS 'All names without accents and in lower case; what the search box looks through.';

CREATE TABLE households (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    number TEXT DEFAULT c360_number('H', 'households_number_seq'::regclass) NOT NULL,
    name TEXT NOT NULL,
    formed_on DATE NOT NULL,
    dissolved_on DATE,
    CONSTRAINT households_pkey PRIMARY KEY (id),
    CONSTRAINT households_number_key UNIQUE (number)
);

CREATE INDEX households_name_id_idx ON households (name, id);

CREATE INDEX households_formed_on_id_idx ON households (formed_on, id);

COMMENT ON TABLE households IS 'People who live and budget together: the family''s view over its members'' contracts.';

COMMENT ON COLUMN households.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN households.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN households.created_at IS 'When the record was made.';

COMMENT ON COLUMN households.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN households.number IS 'Household number, such as H-0000815.';

COMMENT ON COLUMN households.name IS 'How the household is called, such as Familie Müller.';

COMMENT ON COLUMN households.formed_on IS 'Since when it is known.';

COMMENT ON COLUMN households.dissolved_on IS 'When it ceased to be; none while it exists.';

CREATE TABLE product_categories (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    line_of_business TEXT NOT NULL,
    parent_id UUID,
    CONSTRAINT product_categories_pkey PRIMARY KEY (id),
    CONSTRAINT product_categories_code_key UNIQUE (code),
    CONSTRAINT product_categories_parent_id_fkey FOREIGN KEY(parent_id) REFERENCES product_categories (id),
    CONSTRAINT product_categories_line_of_business_check CHECK (line_of_business in ('MOTOR', 'HOME', 'LIABILITY', 'LEGAL', 'LIFE', 'HEALTH', 'ACCIDENT', 'TRAVEL', 'COMMERCIAL'))
);

CREATE INDEX product_categories_name_id_idx ON product_categories (name, id);

CREATE INDEX product_categories_parent_id_name_id_idx ON product_categories (parent_id, name, id);

CREATE INDEX product_categories_line_of_business_idx ON product_categories (line_of_business);

COMMENT ON TABLE product_categories IS 'A group of products within a line of business.';

COMMENT ON COLUMN product_categories.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN product_categories.code IS 'Short code, such as motor-car.';

COMMENT ON COLUMN product_categories.name IS 'Name of the category.';

COMMENT ON COLUMN product_categories.description IS 'What the category covers.';

COMMENT ON COLUMN product_categories.line_of_business IS 'The branch it belongs to.';

COMMENT ON COLUMN product_categories.parent_id IS 'The wider category, if any.';

CREATE TABLE teams (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT teams_pkey PRIMARY KEY (id),
    CONSTRAINT teams_code_key UNIQUE (code),
    CONSTRAINT teams_kind_check CHECK (kind in ('SERVICE', 'SALES', 'CLAIMS', 'UNDERWRITING', 'COMPLAINTS'))
);

CREATE INDEX teams_name_id_idx ON teams (name, id);

COMMENT ON TABLE teams IS 'A group of agents with one task.';

COMMENT ON COLUMN teams.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN teams.code IS 'Short code of the team.';

COMMENT ON COLUMN teams.name IS 'Name of the team.';

COMMENT ON COLUMN teams.kind IS 'What the team does.';

CREATE TABLE partners (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    number TEXT DEFAULT c360_number('P', 'partners_number_seq'::regclass) NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    country TEXT NOT NULL,
    since DATE NOT NULL,
    CONSTRAINT partners_pkey PRIMARY KEY (id),
    CONSTRAINT partners_number_key UNIQUE (number),
    CONSTRAINT partners_kind_check CHECK (kind in ('BROKER', 'TIED_AGENCY', 'BANK', 'AGGREGATOR', 'DEALER')),
    CONSTRAINT partners_status_check CHECK (status in ('ACTIVE', 'SUSPENDED', 'ENDED'))
);

CREATE INDEX partners_name_id_idx ON partners (name, id);

CREATE INDEX partners_status_idx ON partners (status);

COMMENT ON TABLE partners IS 'An organisation that sells the insurer''s contracts and serves its own book of customers.';

COMMENT ON COLUMN partners.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN partners.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN partners.created_at IS 'When the record was made.';

COMMENT ON COLUMN partners.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN partners.number IS 'Partner number, such as P-0000007.';

COMMENT ON COLUMN partners.name IS 'Name of the partner.';

COMMENT ON COLUMN partners.kind IS 'What kind of business it is.';

COMMENT ON COLUMN partners.status IS 'Whether the partner may sell.';

COMMENT ON COLUMN partners.country IS 'Country of its seat (ISO 3166-1 alpha-2).';

COMMENT ON COLUMN partners.since IS 'First day of the agreement.';

CREATE TABLE addresses (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    street TEXT,
    postal_code TEXT,
    city TEXT,
    region TEXT,
    country TEXT NOT NULL,
    area TEXT,
    is_primary BOOLEAN NOT NULL,
    valid_from DATE,
    valid_to DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT addresses_pkey PRIMARY KEY (id),
    CONSTRAINT addresses_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT addresses_kind_check CHECK (kind in ('MAILING', 'PHYSICAL', 'BILLING')),
    CONSTRAINT addresses_area_check CHECK (area in ('URBAN', 'SUBURBAN', 'RURAL'))
);

CREATE INDEX addresses_country_region_idx ON addresses (country, region);

CREATE INDEX addresses_customer_id_kind_id_idx ON addresses (customer_id, kind, id);

CREATE INDEX addresses_postal_code_idx ON addresses (postal_code);

COMMENT ON TABLE addresses IS 'A postal address of a customer, with its use and the dates it was valid.';

COMMENT ON COLUMN addresses.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN addresses.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN addresses.kind IS 'What the address is used for.';

COMMENT ON COLUMN addresses.street IS 'Street and house number.';

COMMENT ON COLUMN addresses.postal_code IS 'Postal code as written in the country.';

COMMENT ON COLUMN addresses.city IS 'City, town or village.';

COMMENT ON COLUMN addresses.region IS 'State, province or canton.';

COMMENT ON COLUMN addresses.country IS 'Country (ISO 3166-1 alpha-2).';

COMMENT ON COLUMN addresses.area IS 'Urban, suburban or rural: a pricing factor.';

COMMENT ON COLUMN addresses.is_primary IS 'Whether this is the customer''s first address for the use.';

COMMENT ON COLUMN addresses.valid_from IS 'First day the address was valid, if known.';

COMMENT ON COLUMN addresses.valid_to IS 'Last day the address was valid; none while it is current.';

COMMENT ON COLUMN addresses.created_at IS 'When it was recorded.';

CREATE TABLE phones (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    e164 TEXT NOT NULL,
    is_primary BOOLEAN NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT phones_pkey PRIMARY KEY (id),
    CONSTRAINT phones_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT phones_kind_check CHECK (kind in ('MOBILE', 'HOME', 'WORK'))
);

CREATE INDEX phones_customer_id_kind_id_idx ON phones (customer_id, kind, id);

CREATE INDEX phones_e164_idx ON phones (e164);

CREATE INDEX phones_e164_suffix_idx ON phones (reverse(e164) text_pattern_ops);

COMMENT ON TABLE phones IS 'A phone number of a customer.';

COMMENT ON COLUMN phones.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN phones.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN phones.kind IS 'What kind of line it is.';

COMMENT ON COLUMN phones.e164 IS 'The number in E.164 notation, such as +4915123456789.';

COMMENT ON COLUMN phones.is_primary IS 'Whether to try this number first.';

COMMENT ON COLUMN phones.verified_at IS 'When the customer confirmed the number.';

COMMENT ON COLUMN phones.created_at IS 'When it was recorded.';

CREATE TABLE emails (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    is_primary BOOLEAN NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT emails_pkey PRIMARY KEY (id),
    CONSTRAINT emails_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT emails_kind_check CHECK (kind in ('PERSONAL', 'WORK'))
);

CREATE INDEX emails_address_lower_idx ON emails (lower(address));

CREATE INDEX emails_address_trgm_idx ON emails USING gin ((lower(address)) gin_trgm_ops);

CREATE INDEX emails_customer_id_kind_id_idx ON emails (customer_id, kind, id);

COMMENT ON TABLE emails IS 'An e-mail address of a customer.';

COMMENT ON COLUMN emails.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN emails.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN emails.kind IS 'What kind of mailbox it is.';

COMMENT ON COLUMN emails.address IS 'The e-mail address, as the customer writes it.';

COMMENT ON COLUMN emails.is_primary IS 'Whether to write to this address first.';

COMMENT ON COLUMN emails.verified_at IS 'When the customer confirmed the address.';

COMMENT ON COLUMN emails.created_at IS 'When it was recorded.';

CREATE TABLE customer_identifiers (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    issued_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT customer_identifiers_pkey PRIMARY KEY (id),
    CONSTRAINT customer_identifiers_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id)
);

CREATE UNIQUE INDEX customer_identifiers_scheme_value_idx ON customer_identifiers (scheme, value);

CREATE INDEX customer_identifiers_value_idx ON customer_identifiers (value);

CREATE INDEX customer_identifiers_customer_id_scheme_id_idx ON customer_identifiers (customer_id, scheme, id);

COMMENT ON TABLE customer_identifiers IS 'A name for the customer in another system: the reference one finds them by over there.';

COMMENT ON COLUMN customer_identifiers.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN customer_identifiers.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN customer_identifiers.scheme IS 'The system or register that gave the identifier, such as crm-legacy or commercial-register.';

COMMENT ON COLUMN customer_identifiers.value IS 'The identifier as written there.';

COMMENT ON COLUMN customer_identifiers.issued_on IS 'When it was given, if known.';

COMMENT ON COLUMN customer_identifiers.created_at IS 'When it was recorded here.';

CREATE TABLE events (
    id UUID NOT NULL,
    position BIGINT DEFAULT nextval('events_position_seq'::regclass) NOT NULL,
    transaction_id BIGINT DEFAULT (pg_current_xact_id()::text)::bigint NOT NULL,
    customer_id UUID,
    type TEXT NOT NULL,
    category TEXT NOT NULL,
    source TEXT NOT NULL,
    summary TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    cause_id UUID,
    correlation_id UUID,
    actor TEXT,
    payload JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_position_key UNIQUE (position),
    CONSTRAINT events_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT events_cause_id_fkey FOREIGN KEY(cause_id) REFERENCES events (id),
    CONSTRAINT events_category_check CHECK (category in ('SALES_MARKETING', 'SERVICING', 'LIFE_EVENT', 'PRODUCT_FULFILMENT')),
    CONSTRAINT events_source_check CHECK (source in ('SERVICE', 'AGENT', 'PORTAL', 'IMPORT', 'EXTERNAL')),
    CONSTRAINT events_subject_kind_check CHECK (subject_kind in ('CUSTOMER', 'RELATIONSHIP', 'HOUSEHOLD', 'CONTRACT', 'PAYMENT', 'ORDER', 'CLAIM', 'INTERACTION', 'COMPLAINT'))
);

CREATE INDEX events_transaction_id_position_idx ON events (transaction_id, position);

CREATE INDEX events_type_idx ON events (type);

CREATE INDEX events_cause_id_occurred_at_id_idx ON events (cause_id, occurred_at, id);

CREATE INDEX events_customer_id_occurred_at_id_idx ON events (customer_id, occurred_at, id);

CREATE INDEX events_subject_id_occurred_at_id_idx ON events (subject_id, occurred_at, id);

COMMENT ON TABLE events IS 'Something that happened to or with a customer. Rows are only ever added.';

COMMENT ON COLUMN events.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN events.position IS 'Order of insertion; with the transaction id it makes the commit-safe cursor of the feed.';

COMMENT ON COLUMN events.transaction_id IS 'Id of the transaction that wrote the event.';

COMMENT ON COLUMN events.customer_id IS 'The customer; none for an anonymous contact.';

COMMENT ON COLUMN events.type IS 'What happened, in the past tense, such as ClaimSubmitted.';

COMMENT ON COLUMN events.category IS 'Class of the event.';

COMMENT ON COLUMN events.source IS 'Who or what recorded it.';

COMMENT ON COLUMN events.summary IS 'What happened, in a line a person reads.';

COMMENT ON COLUMN events.occurred_at IS 'When it happened.';

COMMENT ON COLUMN events.recorded_at IS 'When it was recorded here.';

COMMENT ON COLUMN events.subject_kind IS 'What kind of object it is about.';

COMMENT ON COLUMN events.subject_id IS 'Id of the object it is about.';

COMMENT ON COLUMN events.cause_id IS 'The event that led to this one, if any.';

COMMENT ON COLUMN events.correlation_id IS 'Shared by all events of one business operation.';

COMMENT ON COLUMN events.actor IS 'Who did it: an agent number, a user or a system.';

COMMENT ON COLUMN events.payload IS 'The facts of the event, by its type.';

CREATE TABLE relationships (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    related_customer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    started_on DATE,
    ended_on DATE,
    source TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT relationships_pkey PRIMARY KEY (id),
    CONSTRAINT relationships_not_self_check CHECK (customer_id <> related_customer_id),
    CONSTRAINT relationships_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT relationships_related_customer_id_fkey FOREIGN KEY(related_customer_id) REFERENCES customers (id),
    CONSTRAINT relationships_kind_check CHECK (kind in ('SPOUSE', 'PARTNER', 'CHILD', 'PARENT', 'SIBLING', 'DEPENDENT', 'GUARDIAN', 'EMPLOYER', 'EMPLOYEE', 'REPRESENTATIVE', 'SUBSIDIARY', 'OTHER')),
    CONSTRAINT relationships_source_check CHECK (source in ('CUSTOMER', 'AGENT', 'APPLICATION', 'PARTNER', 'IMPORT', 'EXTERNAL', 'SYSTEM'))
);

CREATE INDEX relationships_related_customer_id_kind_id_idx ON relationships (related_customer_id, kind, id);

CREATE INDEX relationships_customer_id_kind_id_idx ON relationships (customer_id, kind, id);

COMMENT ON TABLE relationships IS 'A directed connection: the related customer is the customer''s spouse, child, employer …';

COMMENT ON COLUMN relationships.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN relationships.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN relationships.related_customer_id IS 'The customer the relationship points to.';

COMMENT ON COLUMN relationships.kind IS 'What the related customer is to the customer.';

COMMENT ON COLUMN relationships.started_on IS 'Since when, if known.';

COMMENT ON COLUMN relationships.ended_on IS 'Until when; none while it lasts.';

COMMENT ON COLUMN relationships.source IS 'Where the information came from.';

COMMENT ON COLUMN relationships.created_at IS 'When it was recorded.';

CREATE TABLE household_members (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    household_id UUID NOT NULL,
    role TEXT NOT NULL,
    joined_on DATE NOT NULL,
    left_on DATE,
    CONSTRAINT household_members_pkey PRIMARY KEY (id),
    CONSTRAINT household_members_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT household_members_household_id_fkey FOREIGN KEY(household_id) REFERENCES households (id),
    CONSTRAINT household_members_role_check CHECK (role in ('HEAD', 'SPOUSE', 'CHILD', 'DEPENDENT', 'OTHER'))
);

CREATE INDEX household_members_household_id_role_id_idx ON household_members (household_id, role, id);

CREATE INDEX household_members_customer_id_joined_on_id_idx ON household_members (customer_id, joined_on, id);

CREATE UNIQUE INDEX household_members_customer_id_idx ON household_members (customer_id) WHERE left_on is null;

COMMENT ON TABLE household_members IS 'A customer''s membership in a household.';

COMMENT ON COLUMN household_members.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN household_members.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN household_members.household_id IS 'The household.';

COMMENT ON COLUMN household_members.role IS 'The part the member plays.';

COMMENT ON COLUMN household_members.joined_on IS 'Since when.';

COMMENT ON COLUMN household_members.left_on IS 'Until when; none while a member.';

CREATE TABLE products (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    category_id UUID NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    base_premium_amount NUMERIC(14, 2) NOT NULL,
    minimum_coverage_amount NUMERIC(14, 2),
    maximum_coverage_amount NUMERIC(14, 2),
    term_months INTEGER,
    builds_cash_value BOOLEAN NOT NULL,
    requires_medical_exam BOOLEAN NOT NULL,
    launched_on DATE NOT NULL,
    CONSTRAINT products_pkey PRIMARY KEY (id),
    CONSTRAINT products_code_key UNIQUE (code),
    CONSTRAINT products_category_id_fkey FOREIGN KEY(category_id) REFERENCES product_categories (id),
    CONSTRAINT products_status_check CHECK (status in ('DRAFT', 'ON_SALE', 'CLOSED', 'WITHDRAWN'))
);

CREATE INDEX products_name_id_idx ON products (name, id);

CREATE INDEX products_status_idx ON products (status);

CREATE INDEX products_category_id_name_id_idx ON products (category_id, name, id);

CREATE INDEX products_launched_on_id_idx ON products (launched_on, id);

COMMENT ON TABLE products IS 'An insurance product that customers can order.';

COMMENT ON COLUMN products.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN products.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN products.created_at IS 'When the record was made.';

COMMENT ON COLUMN products.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN products.code IS 'Product code, such as MOTOR-COMP.';

COMMENT ON COLUMN products.name IS 'Name of the product.';

COMMENT ON COLUMN products.description IS 'What it covers, in a sentence.';

COMMENT ON COLUMN products.category_id IS 'The category it belongs to.';

COMMENT ON COLUMN products.status IS 'Whether it is on sale.';

COMMENT ON COLUMN products.currency IS 'Currency of its amounts (ISO 4217).';

COMMENT ON COLUMN products.base_premium_amount IS 'Yearly premium before any pricing factor.';

COMMENT ON COLUMN products.minimum_coverage_amount IS 'Least sum that can be insured.';

COMMENT ON COLUMN products.maximum_coverage_amount IS 'Greatest sum that can be insured.';

COMMENT ON COLUMN products.term_months IS 'Usual term in months; none for open-ended cover.';

COMMENT ON COLUMN products.builds_cash_value IS 'Whether contracts build a cash value.';

COMMENT ON COLUMN products.requires_medical_exam IS 'Whether an order needs a medical exam.';

COMMENT ON COLUMN products.launched_on IS 'First day on sale.';

CREATE TABLE source_keys (
    source TEXT NOT NULL,
    entity TEXT NOT NULL,
    key TEXT NOT NULL,
    row_id UUID NOT NULL,
    customer_id UUID,
    digest TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT source_keys_pkey PRIMARY KEY (source, entity, key),
    CONSTRAINT source_keys_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id)
);

CREATE INDEX source_keys_customer_id_idx ON source_keys (customer_id);

COMMENT ON TABLE source_keys IS 'The row a source system''s key stands for here, and a digest of what was last imported for it.

    Importing a file again finds its rows by (source, entity, key); an equal digest means nothing to do.';

COMMENT ON COLUMN source_keys.source IS 'Name of the source, as the mapping gives it.';

COMMENT ON COLUMN source_keys.entity IS 'Table the row lies in.';

COMMENT ON COLUMN source_keys.key IS 'Natural key in the source.';

COMMENT ON COLUMN source_keys.row_id IS 'Id of the row here.';

COMMENT ON COLUMN source_keys.customer_id IS 'The customer the row belongs to.';

COMMENT ON COLUMN source_keys.digest IS 'SHA-256 of the mapped values, in hexadecimal.';

COMMENT ON COLUMN source_keys.imported_at IS 'When it was last imported.';

CREATE TABLE agents (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    number TEXT DEFAULT c360_number('A', 'agents_number_seq'::regclass) NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL,
    job_title TEXT NOT NULL,
    team_id UUID NOT NULL,
    status TEXT NOT NULL,
    employment TEXT NOT NULL,
    hired_on DATE NOT NULL,
    CONSTRAINT agents_pkey PRIMARY KEY (id),
    CONSTRAINT agents_number_key UNIQUE (number),
    CONSTRAINT agents_email_key UNIQUE (email),
    CONSTRAINT agents_team_id_fkey FOREIGN KEY(team_id) REFERENCES teams (id),
    CONSTRAINT agents_status_check CHECK (status in ('ACTIVE', 'ON_LEAVE', 'LEFT')),
    CONSTRAINT agents_employment_check CHECK (employment in ('EMPLOYEE', 'CONTRACTOR'))
);

CREATE INDEX agents_team_id_last_name_id_idx ON agents (team_id, last_name, id);

CREATE INDEX agents_status_idx ON agents (status);

CREATE INDEX agents_hired_on_id_idx ON agents (hired_on, id);

CREATE INDEX agents_last_name_id_idx ON agents (last_name, id);

COMMENT ON TABLE agents IS 'An employee or contractor who serves customers, handles claims or underwrites.';

COMMENT ON COLUMN agents.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN agents.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN agents.created_at IS 'When the record was made.';

COMMENT ON COLUMN agents.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN agents.number IS 'Agent number, such as A-0000042.';

COMMENT ON COLUMN agents.first_name IS 'Given names.';

COMMENT ON COLUMN agents.last_name IS 'Family name.';

COMMENT ON COLUMN agents.email IS 'E-mail address at work.';

COMMENT ON COLUMN agents.job_title IS 'Job title, such as Claims adjuster.';

COMMENT ON COLUMN agents.team_id IS 'The team the agent belongs to.';

COMMENT ON COLUMN agents.status IS 'Whether the agent is at work.';

COMMENT ON COLUMN agents.employment IS 'How the agent is engaged.';

COMMENT ON COLUMN agents.hired_on IS 'First day.';

CREATE TABLE orders (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    customer_id UUID NOT NULL,
    number TEXT DEFAULT c360_number('O', 'orders_number_seq'::regclass) NOT NULL,
    product_id UUID NOT NULL,
    status TEXT NOT NULL,
    coverage_level TEXT NOT NULL,
    coverage_amount NUMERIC(14, 2),
    premium_amount NUMERIC(14, 2) NOT NULL,
    currency TEXT NOT NULL,
    billing_frequency TEXT NOT NULL,
    requested_start_on DATE NOT NULL,
    channel TEXT NOT NULL,
    agent_id UUID,
    partner_id UUID,
    submitted_at TIMESTAMP WITH TIME ZONE,
    decided_at TIMESTAMP WITH TIME ZONE,
    rejection_reason TEXT,
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT orders_number_key UNIQUE (number),
    CONSTRAINT orders_product_id_fkey FOREIGN KEY(product_id) REFERENCES products (id),
    CONSTRAINT orders_agent_id_fkey FOREIGN KEY(agent_id) REFERENCES agents (id),
    CONSTRAINT orders_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partners (id),
    CONSTRAINT orders_status_check CHECK (status in ('DRAFT', 'SUBMITTED', 'DOCUMENTS_PENDING', 'MEDICAL_EXAM_PENDING', 'UNDERWRITING', 'REFERRED', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'ISSUED')),
    CONSTRAINT orders_coverage_level_check CHECK (coverage_level in ('BASIC', 'STANDARD', 'EXTENDED', 'PREMIUM')),
    CONSTRAINT orders_billing_frequency_check CHECK (billing_frequency in ('MONTHLY', 'QUARTERLY', 'SEMI_ANNUAL', 'ANNUAL', 'SINGLE')),
    CONSTRAINT orders_channel_check CHECK (channel in ('PHONE', 'EMAIL', 'CHAT', 'MOBILE_APP', 'WEB_PORTAL', 'MAIL', 'IN_PERSON'))
);

CREATE INDEX orders_created_at_id_idx ON orders (created_at, id);

CREATE INDEX orders_channel_idx ON orders (channel);

CREATE INDEX orders_customer_id_created_at_id_idx ON orders (customer_id, created_at, id);

CREATE INDEX orders_product_id_created_at_id_idx ON orders (product_id, created_at, id);

CREATE INDEX orders_submitted_at_id_idx ON orders (submitted_at, id);

CREATE INDEX orders_decided_at_id_idx ON orders (decided_at, id);

CREATE INDEX orders_agent_id_created_at_id_idx ON orders (agent_id, created_at, id);

CREATE INDEX orders_partner_id_created_at_id_idx ON orders (partner_id, created_at, id);

CREATE INDEX orders_status_idx ON orders (status);

COMMENT ON TABLE orders IS 'An application for a contract.';

COMMENT ON COLUMN orders.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN orders.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN orders.created_at IS 'When the record was made.';

COMMENT ON COLUMN orders.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN orders.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN orders.number IS 'Order number, such as O-0000123.';

COMMENT ON COLUMN orders.product_id IS 'The product applied for.';

COMMENT ON COLUMN orders.status IS 'Where the order stands.';

COMMENT ON COLUMN orders.coverage_level IS 'How wide a cover is asked for.';

COMMENT ON COLUMN orders.coverage_amount IS 'Sum to be insured, where the product has one.';

COMMENT ON COLUMN orders.premium_amount IS 'Quoted premium each billing period.';

COMMENT ON COLUMN orders.currency IS 'Currency of its amounts (ISO 4217).';

COMMENT ON COLUMN orders.billing_frequency IS 'How often the premium would be due.';

COMMENT ON COLUMN orders.requested_start_on IS 'First day of cover asked for.';

COMMENT ON COLUMN orders.channel IS 'How the order reached the insurer.';

COMMENT ON COLUMN orders.agent_id IS 'The agent who took it.';

COMMENT ON COLUMN orders.partner_id IS 'The partner who brought it.';

COMMENT ON COLUMN orders.submitted_at IS 'When it was handed in.';

COMMENT ON COLUMN orders.decided_at IS 'When it was approved, rejected or withdrawn.';

COMMENT ON COLUMN orders.rejection_reason IS 'Why it was rejected or withdrawn.';

CREATE TABLE contracts (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    customer_id UUID NOT NULL,
    number TEXT DEFAULT c360_number('K', 'contracts_number_seq'::regclass) NOT NULL,
    product_id UUID NOT NULL,
    order_id UUID,
    status TEXT NOT NULL,
    coverage_level TEXT NOT NULL,
    coverage_amount NUMERIC(14, 2),
    deductible_amount NUMERIC(14, 2),
    currency TEXT NOT NULL,
    started_on DATE NOT NULL,
    ends_on DATE,
    premium_amount NUMERIC(14, 2) NOT NULL,
    annual_premium_amount NUMERIC(14, 2) NOT NULL,
    billing_frequency TEXT NOT NULL,
    renewal_on DATE,
    cash_value_amount NUMERIC(14, 2),
    surrender_value_amount NUMERIC(14, 2),
    grace_period_ends_on DATE,
    ended_on DATE,
    partner_id UUID,
    agent_id UUID,
    attributes JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT contracts_pkey PRIMARY KEY (id),
    CONSTRAINT contracts_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT contracts_number_key UNIQUE (number),
    CONSTRAINT contracts_product_id_fkey FOREIGN KEY(product_id) REFERENCES products (id),
    CONSTRAINT contracts_order_id_key UNIQUE (order_id),
    CONSTRAINT contracts_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders (id),
    CONSTRAINT contracts_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partners (id),
    CONSTRAINT contracts_agent_id_fkey FOREIGN KEY(agent_id) REFERENCES agents (id),
    CONSTRAINT contracts_status_check CHECK (status in ('PENDING', 'ACTIVE', 'GRACE_PERIOD', 'LAPSED', 'CANCELLED', 'EXPIRED', 'MATURED')),
    CONSTRAINT contracts_coverage_level_check CHECK (coverage_level in ('BASIC', 'STANDARD', 'EXTENDED', 'PREMIUM')),
    CONSTRAINT contracts_billing_frequency_check CHECK (billing_frequency in ('MONTHLY', 'QUARTERLY', 'SEMI_ANNUAL', 'ANNUAL', 'SINGLE'))
);

CREATE INDEX contracts_started_on_id_idx ON contracts (started_on, id);

CREATE INDEX contracts_status_idx ON contracts (status);

CREATE INDEX contracts_premium_amount_id_idx ON contracts (premium_amount, id);

CREATE INDEX contracts_ends_on_id_idx ON contracts (ends_on, id);

CREATE INDEX contracts_created_at_id_idx ON contracts (created_at, id);

CREATE INDEX contracts_customer_id_status_idx ON contracts (customer_id, status);

CREATE INDEX contracts_billing_frequency_idx ON contracts (billing_frequency);

CREATE INDEX contracts_coverage_level_idx ON contracts (coverage_level);

CREATE INDEX contracts_agent_id_started_on_id_idx ON contracts (agent_id, started_on, id);

CREATE INDEX contracts_renewal_on_id_idx ON contracts (renewal_on, id);

CREATE INDEX contracts_product_id_started_on_id_idx ON contracts (product_id, started_on, id);

CREATE INDEX contracts_partner_id_started_on_id_idx ON contracts (partner_id, started_on, id);

CREATE INDEX contracts_customer_id_started_on_id_idx ON contracts (customer_id, started_on, id);

COMMENT ON TABLE contracts IS 'An insurance policy: what is covered, for whom, from when to when, and at what price.';

COMMENT ON COLUMN contracts.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN contracts.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN contracts.created_at IS 'When the record was made.';

COMMENT ON COLUMN contracts.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN contracts.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN contracts.number IS 'Contract (policy) number, such as K-0012345.';

COMMENT ON COLUMN contracts.product_id IS 'The product it is a contract of.';

COMMENT ON COLUMN contracts.order_id IS 'The order it was issued from, if known.';

COMMENT ON COLUMN contracts.status IS 'Where the contract stands.';

COMMENT ON COLUMN contracts.coverage_level IS 'How wide the cover is.';

COMMENT ON COLUMN contracts.coverage_amount IS 'Sum insured, where the product has one.';

COMMENT ON COLUMN contracts.deductible_amount IS 'What the customer bears of each claim.';

COMMENT ON COLUMN contracts.currency IS 'Currency of all its amounts (ISO 4217).';

COMMENT ON COLUMN contracts.started_on IS 'First day of cover.';

COMMENT ON COLUMN contracts.ends_on IS 'Last day of cover; none for open-ended cover.';

COMMENT ON COLUMN contracts.premium_amount IS 'Premium due each billing period.';

COMMENT ON COLUMN contracts.annual_premium_amount IS 'Premium per year of cover.';

COMMENT ON COLUMN contracts.billing_frequency IS 'How often a premium is due.';

COMMENT ON COLUMN contracts.renewal_on IS 'Next day on which it renews, if it does.';

COMMENT ON COLUMN contracts.cash_value_amount IS 'What the contract is worth by now, where it builds value.';

COMMENT ON COLUMN contracts.surrender_value_amount IS 'What is paid if it is given up today.';

COMMENT ON COLUMN contracts.grace_period_ends_on IS 'Last day to pay an overdue premium and keep cover.';

COMMENT ON COLUMN contracts.ended_on IS 'When cover ended early or lapsed.';

COMMENT ON COLUMN contracts.partner_id IS 'The partner that sold it; none if sold directly.';

COMMENT ON COLUMN contracts.agent_id IS 'The agent who sold or looks after it.';

COMMENT ON COLUMN contracts.attributes IS 'Facts about the risk that have no column, such as the vehicle.';

CREATE TABLE order_status_changes (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    order_id UUID NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agent_id UUID,
    reason TEXT,
    CONSTRAINT order_status_changes_pkey PRIMARY KEY (id),
    CONSTRAINT order_status_changes_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT order_status_changes_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders (id),
    CONSTRAINT order_status_changes_agent_id_fkey FOREIGN KEY(agent_id) REFERENCES agents (id),
    CONSTRAINT order_status_changes_from_status_check CHECK (from_status in ('DRAFT', 'SUBMITTED', 'DOCUMENTS_PENDING', 'MEDICAL_EXAM_PENDING', 'UNDERWRITING', 'REFERRED', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'ISSUED')),
    CONSTRAINT order_status_changes_to_status_check CHECK (to_status in ('DRAFT', 'SUBMITTED', 'DOCUMENTS_PENDING', 'MEDICAL_EXAM_PENDING', 'UNDERWRITING', 'REFERRED', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'ISSUED'))
);

CREATE INDEX order_status_changes_order_id_changed_at_id_idx ON order_status_changes (order_id, changed_at, id);

CREATE INDEX order_status_changes_customer_id_id_idx ON order_status_changes (customer_id, id);

COMMENT ON TABLE order_status_changes IS 'A step in an order''s life.';

COMMENT ON COLUMN order_status_changes.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN order_status_changes.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN order_status_changes.order_id IS 'The order.';

COMMENT ON COLUMN order_status_changes.from_status IS 'Status before; none for the first.';

COMMENT ON COLUMN order_status_changes.to_status IS 'Status after.';

COMMENT ON COLUMN order_status_changes.changed_at IS 'When it changed.';

COMMENT ON COLUMN order_status_changes.agent_id IS 'Who changed it; none when the service did.';

COMMENT ON COLUMN order_status_changes.reason IS 'Why, if stated.';

CREATE TABLE order_documents (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    order_id UUID NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE,
    verified_at TIMESTAMP WITH TIME ZONE,
    verified_by_id UUID,
    CONSTRAINT order_documents_pkey PRIMARY KEY (id),
    CONSTRAINT order_documents_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT order_documents_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders (id),
    CONSTRAINT order_documents_verified_by_id_fkey FOREIGN KEY(verified_by_id) REFERENCES agents (id),
    CONSTRAINT order_documents_kind_check CHECK (kind in ('IDENTITY', 'ADDRESS', 'INCOME', 'HEALTH_DECLARATION', 'MEDICAL_REPORT', 'VEHICLE_REGISTRATION', 'PROPERTY_DEED', 'PRIOR_INSURANCE', 'COMPANY_REGISTER', 'SIGNED_APPLICATION')),
    CONSTRAINT order_documents_status_check CHECK (status in ('REQUIRED', 'RECEIVED', 'VERIFIED', 'REJECTED', 'WAIVED'))
);

CREATE INDEX order_documents_customer_id_id_idx ON order_documents (customer_id, id);

CREATE INDEX order_documents_order_id_kind_id_idx ON order_documents (order_id, kind, id);

COMMENT ON TABLE order_documents IS 'A document an order needs.';

COMMENT ON COLUMN order_documents.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN order_documents.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN order_documents.order_id IS 'The order.';

COMMENT ON COLUMN order_documents.kind IS 'What it proves.';

COMMENT ON COLUMN order_documents.status IS 'Where it stands.';

COMMENT ON COLUMN order_documents.requested_at IS 'When it was asked for.';

COMMENT ON COLUMN order_documents.received_at IS 'When it came.';

COMMENT ON COLUMN order_documents.verified_at IS 'When it was accepted or refused.';

COMMENT ON COLUMN order_documents.verified_by_id IS 'Who accepted or refused it.';

CREATE TABLE medical_exams (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    order_id UUID NOT NULL,
    status TEXT NOT NULL,
    required_at TIMESTAMP WITH TIME ZONE NOT NULL,
    scheduled_at TIMESTAMP WITH TIME ZONE,
    provider TEXT,
    completed_at TIMESTAMP WITH TIME ZONE,
    result TEXT,
    CONSTRAINT medical_exams_pkey PRIMARY KEY (id),
    CONSTRAINT medical_exams_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT medical_exams_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders (id),
    CONSTRAINT medical_exams_status_check CHECK (status in ('REQUIRED', 'SCHEDULED', 'COMPLETED', 'MISSED', 'CANCELLED')),
    CONSTRAINT medical_exams_result_check CHECK (result in ('STANDARD', 'RATED', 'DECLINE'))
);

CREATE INDEX medical_exams_order_id_required_at_id_idx ON medical_exams (order_id, required_at, id);

CREATE INDEX medical_exams_customer_id_id_idx ON medical_exams (customer_id, id);

COMMENT ON TABLE medical_exams IS 'A medical exam an order needs.';

COMMENT ON COLUMN medical_exams.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN medical_exams.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN medical_exams.order_id IS 'The order.';

COMMENT ON COLUMN medical_exams.status IS 'Where it stands.';

COMMENT ON COLUMN medical_exams.required_at IS 'When it was found to be needed.';

COMMENT ON COLUMN medical_exams.scheduled_at IS 'The appointment.';

COMMENT ON COLUMN medical_exams.provider IS 'Practice or clinic that makes it.';

COMMENT ON COLUMN medical_exams.completed_at IS 'When it was made.';

COMMENT ON COLUMN medical_exams.result IS 'What it found.';

CREATE TABLE underwriting_decisions (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    order_id UUID NOT NULL,
    mode TEXT NOT NULL,
    outcome TEXT NOT NULL,
    risk_score INTEGER,
    loading_percent NUMERIC(6, 2),
    reason TEXT,
    underwriter_id UUID,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT underwriting_decisions_pkey PRIMARY KEY (id),
    CONSTRAINT underwriting_decisions_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT underwriting_decisions_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders (id),
    CONSTRAINT underwriting_decisions_underwriter_id_fkey FOREIGN KEY(underwriter_id) REFERENCES agents (id),
    CONSTRAINT underwriting_decisions_mode_check CHECK (mode in ('AUTOMATIC', 'MANUAL')),
    CONSTRAINT underwriting_decisions_outcome_check CHECK (outcome in ('ACCEPTED', 'ACCEPTED_WITH_LOADING', 'REFERRED', 'DECLINED'))
);

CREATE INDEX underwriting_decisions_customer_id_id_idx ON underwriting_decisions (customer_id, id);

CREATE INDEX underwriting_decisions_order_id_decided_at_id_idx ON underwriting_decisions (order_id, decided_at, id);

COMMENT ON TABLE underwriting_decisions IS 'A decision about the risk of an order, by rule or by an underwriter.';

COMMENT ON COLUMN underwriting_decisions.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN underwriting_decisions.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN underwriting_decisions.order_id IS 'The order.';

COMMENT ON COLUMN underwriting_decisions.mode IS 'Who decided.';

COMMENT ON COLUMN underwriting_decisions.outcome IS 'What was decided.';

COMMENT ON COLUMN underwriting_decisions.risk_score IS 'Risk score at that moment, 0 to 100.';

COMMENT ON COLUMN underwriting_decisions.loading_percent IS 'Addition to the premium in percent.';

COMMENT ON COLUMN underwriting_decisions.reason IS 'Why.';

COMMENT ON COLUMN underwriting_decisions.underwriter_id IS 'The underwriter; none when the rules decided.';

COMMENT ON COLUMN underwriting_decisions.decided_at IS 'When.';

CREATE TABLE payments (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    customer_id UUID NOT NULL,
    contract_id UUID NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    method TEXT,
    amount NUMERIC(14, 2) NOT NULL,
    currency TEXT NOT NULL,
    period_from DATE,
    period_to DATE,
    due_on DATE NOT NULL,
    paid_at TIMESTAMP WITH TIME ZONE,
    reference TEXT,
    CONSTRAINT payments_pkey PRIMARY KEY (id),
    CONSTRAINT payments_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT payments_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contracts (id),
    CONSTRAINT payments_kind_check CHECK (kind in ('PREMIUM', 'LATE_FEE', 'REFUND', 'ADJUSTMENT')),
    CONSTRAINT payments_status_check CHECK (status in ('SCHEDULED', 'DUE', 'PAID', 'OVERDUE', 'FAILED', 'REFUNDED', 'WAIVED')),
    CONSTRAINT payments_method_check CHECK (method in ('DIRECT_DEBIT', 'BANK_TRANSFER', 'CARD', 'WALLET', 'CASH', 'CHEQUE'))
);

CREATE INDEX payments_status_idx ON payments (status);

CREATE INDEX payments_contract_id_due_on_id_idx ON payments (contract_id, due_on, id);

CREATE INDEX payments_customer_id_due_on_id_idx ON payments (customer_id, due_on, id);

CREATE INDEX payments_due_on_id_idx ON payments (due_on, id);

COMMENT ON TABLE payments IS 'A sum that was, is or will be due for a contract.';

COMMENT ON COLUMN payments.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN payments.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN payments.created_at IS 'When the record was made.';

COMMENT ON COLUMN payments.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN payments.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN payments.contract_id IS 'The contract it belongs to.';

COMMENT ON COLUMN payments.kind IS 'What it is for.';

COMMENT ON COLUMN payments.status IS 'Where it stands.';

COMMENT ON COLUMN payments.method IS 'How it was or will be made.';

COMMENT ON COLUMN payments.amount IS 'The sum; negative when paid to the customer.';

COMMENT ON COLUMN payments.currency IS 'Currency (ISO 4217).';

COMMENT ON COLUMN payments.period_from IS 'First day of the period it pays for.';

COMMENT ON COLUMN payments.period_to IS 'Last day of the period it pays for.';

COMMENT ON COLUMN payments.due_on IS 'Day it is due.';

COMMENT ON COLUMN payments.paid_at IS 'When it was received.';

COMMENT ON COLUMN payments.reference IS 'Reference of the bank or payment provider.';

CREATE TABLE claims (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    customer_id UUID NOT NULL,
    number TEXT DEFAULT c360_number('S', 'claims_number_seq'::regclass) NOT NULL,
    contract_id UUID NOT NULL,
    status TEXT NOT NULL,
    cause TEXT NOT NULL,
    incident_on DATE NOT NULL,
    incident_place TEXT,
    description TEXT,
    reported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    currency TEXT NOT NULL,
    claimed_amount NUMERIC(14, 2) NOT NULL,
    reserve_amount NUMERIC(14, 2) NOT NULL,
    approved_amount NUMERIC(14, 2),
    paid_amount NUMERIC(14, 2) NOT NULL,
    handler_id UUID,
    closed_at TIMESTAMP WITH TIME ZONE,
    attributes JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT claims_pkey PRIMARY KEY (id),
    CONSTRAINT claims_incident_before_report_check CHECK (incident_on <= (reported_at at time zone 'UTC')::date + 1),
    CONSTRAINT claims_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT claims_number_key UNIQUE (number),
    CONSTRAINT claims_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contracts (id),
    CONSTRAINT claims_handler_id_fkey FOREIGN KEY(handler_id) REFERENCES agents (id),
    CONSTRAINT claims_status_check CHECK (status in ('SUBMITTED', 'ACKNOWLEDGED', 'INVESTIGATING', 'PENDING_INFO', 'PENDING_APPROVAL', 'APPROVED', 'REJECTED', 'SETTLED', 'CLOSED', 'WITHDRAWN')),
    CONSTRAINT claims_cause_check CHECK (cause in ('COLLISION', 'THEFT', 'VANDALISM', 'FIRE', 'WATER', 'STORM', 'GLASS', 'LIABILITY', 'ILLNESS', 'INJURY', 'DEATH', 'CANCELLATION', 'LEGAL_DISPUTE', 'OTHER'))
);

CREATE INDEX claims_customer_id_status_idx ON claims (customer_id, status);

CREATE INDEX claims_handler_id_reported_at_id_idx ON claims (handler_id, reported_at, id);

CREATE INDEX claims_reported_at_id_idx ON claims (reported_at, id);

CREATE INDEX claims_contract_id_reported_at_id_idx ON claims (contract_id, reported_at, id);

CREATE INDEX claims_status_idx ON claims (status);

CREATE INDEX claims_claimed_amount_id_idx ON claims (claimed_amount, id);

CREATE INDEX claims_cause_idx ON claims (cause);

CREATE INDEX claims_incident_on_id_idx ON claims (incident_on, id);

CREATE INDEX claims_customer_id_reported_at_id_idx ON claims (customer_id, reported_at, id);

COMMENT ON TABLE claims IS 'A demand for benefit under a contract.';

COMMENT ON COLUMN claims.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN claims.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN claims.created_at IS 'When the record was made.';

COMMENT ON COLUMN claims.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN claims.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN claims.number IS 'Claim number, such as S-0000099.';

COMMENT ON COLUMN claims.contract_id IS 'The contract it is made under.';

COMMENT ON COLUMN claims.status IS 'Where the claim stands.';

COMMENT ON COLUMN claims.cause IS 'What brought about the damage.';

COMMENT ON COLUMN claims.incident_on IS 'Day of the incident.';

COMMENT ON COLUMN claims.incident_place IS 'Where it happened.';

COMMENT ON COLUMN claims.description IS 'What happened, as reported.';

COMMENT ON COLUMN claims.reported_at IS 'When it was reported.';

COMMENT ON COLUMN claims.currency IS 'Currency of its amounts (ISO 4217).';

COMMENT ON COLUMN claims.claimed_amount IS 'What is claimed.';

COMMENT ON COLUMN claims.reserve_amount IS 'What is set aside for it.';

COMMENT ON COLUMN claims.approved_amount IS 'What was approved.';

COMMENT ON COLUMN claims.paid_amount IS 'What was paid so far.';

COMMENT ON COLUMN claims.handler_id IS 'The agent who handles it.';

COMMENT ON COLUMN claims.closed_at IS 'When it was settled, rejected, withdrawn or closed.';

COMMENT ON COLUMN claims.attributes IS 'Facts from source systems that have no column.';

CREATE TABLE contract_parties (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    contract_id UUID NOT NULL,
    party_customer_id UUID,
    name TEXT NOT NULL,
    birth_date DATE,
    role TEXT NOT NULL,
    rank TEXT,
    share_percent NUMERIC(5, 2),
    relationship TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT contract_parties_pkey PRIMARY KEY (id),
    CONSTRAINT contract_parties_rank_of_beneficiary_check CHECK ((role = 'BENEFICIARY') = (rank is not null)),
    CONSTRAINT contract_parties_share_range_check CHECK (share_percent > 0 and share_percent <= 100),
    CONSTRAINT contract_parties_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT contract_parties_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contracts (id),
    CONSTRAINT contract_parties_party_customer_id_fkey FOREIGN KEY(party_customer_id) REFERENCES customers (id),
    CONSTRAINT contract_parties_role_check CHECK (role in ('POLICYHOLDER', 'INSURED', 'PAYER', 'BENEFICIARY')),
    CONSTRAINT contract_parties_rank_check CHECK (rank in ('PRIMARY', 'CONTINGENT'))
);

CREATE INDEX contract_parties_party_customer_id_role_id_idx ON contract_parties (party_customer_id, role, id);

CREATE INDEX contract_parties_customer_id_id_idx ON contract_parties (customer_id, id);

CREATE INDEX contract_parties_contract_id_role_id_idx ON contract_parties (contract_id, role, id);

COMMENT ON TABLE contract_parties IS 'Someone''s part in a contract; a beneficiary need not be a customer.';

COMMENT ON COLUMN contract_parties.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN contract_parties.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN contract_parties.contract_id IS 'The contract.';

COMMENT ON COLUMN contract_parties.party_customer_id IS 'The party, if a customer.';

COMMENT ON COLUMN contract_parties.name IS 'Name of the party.';

COMMENT ON COLUMN contract_parties.birth_date IS 'Date of birth of a party who is a person, if known.';

COMMENT ON COLUMN contract_parties.role IS 'The part the party plays.';

COMMENT ON COLUMN contract_parties.rank IS 'Primary or contingent beneficiary.';

COMMENT ON COLUMN contract_parties.share_percent IS 'Share of the benefit in percent.';

COMMENT ON COLUMN contract_parties.relationship IS 'What the party is to the policyholder, in a word.';

COMMENT ON COLUMN contract_parties.created_at IS 'When it was recorded.';

CREATE TABLE claim_notes (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    agent_id UUID,
    body TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT claim_notes_pkey PRIMARY KEY (id),
    CONSTRAINT claim_notes_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT claim_notes_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id),
    CONSTRAINT claim_notes_agent_id_fkey FOREIGN KEY(agent_id) REFERENCES agents (id)
);

CREATE INDEX claim_notes_customer_id_id_idx ON claim_notes (customer_id, id);

CREATE INDEX claim_notes_claim_id_created_at_id_idx ON claim_notes (claim_id, created_at, id);

COMMENT ON TABLE claim_notes IS 'A note of the investigation.';

COMMENT ON COLUMN claim_notes.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN claim_notes.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN claim_notes.claim_id IS 'The claim.';

COMMENT ON COLUMN claim_notes.agent_id IS 'Who wrote it.';

COMMENT ON COLUMN claim_notes.body IS 'The note.';

COMMENT ON COLUMN claim_notes.created_at IS 'When it was written.';

CREATE TABLE claim_documents (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    name TEXT NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE,
    received_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT claim_documents_pkey PRIMARY KEY (id),
    CONSTRAINT claim_documents_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT claim_documents_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id),
    CONSTRAINT claim_documents_kind_check CHECK (kind in ('CLAIM_FORM', 'PHOTO', 'POLICE_REPORT', 'ESTIMATE', 'INVOICE', 'EXPERT_REPORT', 'MEDICAL_REPORT', 'CORRESPONDENCE')),
    CONSTRAINT claim_documents_status_check CHECK (status in ('REQUESTED', 'RECEIVED', 'VERIFIED', 'REJECTED'))
);

CREATE INDEX claim_documents_claim_id_kind_id_idx ON claim_documents (claim_id, kind, id);

CREATE INDEX claim_documents_customer_id_id_idx ON claim_documents (customer_id, id);

COMMENT ON TABLE claim_documents IS 'A document of a claim.';

COMMENT ON COLUMN claim_documents.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN claim_documents.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN claim_documents.claim_id IS 'The claim.';

COMMENT ON COLUMN claim_documents.kind IS 'What it is.';

COMMENT ON COLUMN claim_documents.status IS 'Where it stands.';

COMMENT ON COLUMN claim_documents.name IS 'Name of the file or paper.';

COMMENT ON COLUMN claim_documents.requested_at IS 'When it was asked for.';

COMMENT ON COLUMN claim_documents.received_at IS 'When it came.';

CREATE TABLE claim_payments (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    status TEXT NOT NULL,
    amount NUMERIC(14, 2) NOT NULL,
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    payee TEXT NOT NULL,
    approved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    paid_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT claim_payments_pkey PRIMARY KEY (id),
    CONSTRAINT claim_payments_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT claim_payments_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id),
    CONSTRAINT claim_payments_status_check CHECK (status in ('APPROVED', 'PAID', 'FAILED')),
    CONSTRAINT claim_payments_method_check CHECK (method in ('DIRECT_DEBIT', 'BANK_TRANSFER', 'CARD', 'WALLET', 'CASH', 'CHEQUE'))
);

CREATE INDEX claim_payments_customer_id_id_idx ON claim_payments (customer_id, id);

CREATE INDEX claim_payments_claim_id_approved_at_id_idx ON claim_payments (claim_id, approved_at, id);

COMMENT ON TABLE claim_payments IS 'A payment on a claim.';

COMMENT ON COLUMN claim_payments.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN claim_payments.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN claim_payments.claim_id IS 'The claim.';

COMMENT ON COLUMN claim_payments.status IS 'Where it stands.';

COMMENT ON COLUMN claim_payments.amount IS 'The sum.';

COMMENT ON COLUMN claim_payments.currency IS 'Currency (ISO 4217).';

COMMENT ON COLUMN claim_payments.method IS 'How it is paid.';

COMMENT ON COLUMN claim_payments.payee IS 'Who receives it.';

COMMENT ON COLUMN claim_payments.approved_at IS 'When it was approved.';

COMMENT ON COLUMN claim_payments.paid_at IS 'When it was paid out.';

CREATE TABLE interactions (
    id UUID NOT NULL,
    customer_id UUID,
    anonymous_reference TEXT,
    type TEXT NOT NULL,
    channel TEXT NOT NULL,
    direction TEXT NOT NULL,
    outcome TEXT,
    subject TEXT NOT NULL,
    summary TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    duration_seconds INTEGER,
    agent_id UUID,
    contract_id UUID,
    claim_id UUID,
    attributes JSONB DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT interactions_pkey PRIMARY KEY (id),
    CONSTRAINT interactions_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT interactions_agent_id_fkey FOREIGN KEY(agent_id) REFERENCES agents (id),
    CONSTRAINT interactions_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contracts (id),
    CONSTRAINT interactions_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id),
    CONSTRAINT interactions_type_check CHECK (type in ('INQUIRY', 'SERVICE_REQUEST', 'COMPLAINT', 'CLAIM_INQUIRY', 'PAYMENT', 'POLICY_CHANGE', 'QUOTE', 'FEEDBACK')),
    CONSTRAINT interactions_channel_check CHECK (channel in ('PHONE', 'EMAIL', 'CHAT', 'MOBILE_APP', 'WEB_PORTAL', 'MAIL', 'IN_PERSON')),
    CONSTRAINT interactions_direction_check CHECK (direction in ('INBOUND', 'OUTBOUND')),
    CONSTRAINT interactions_outcome_check CHECK (outcome in ('RESOLVED', 'FOLLOW_UP', 'ESCALATED', 'TRANSFERRED', 'NO_ANSWER', 'ACCEPTED', 'DECLINED', 'NO_RESPONSE'))
);

CREATE INDEX interactions_claim_id_occurred_at_id_idx ON interactions (claim_id, occurred_at, id);

CREATE INDEX interactions_direction_idx ON interactions (direction);

CREATE INDEX interactions_type_idx ON interactions (type);

CREATE INDEX interactions_customer_id_occurred_at_id_idx ON interactions (customer_id, occurred_at, id);

CREATE INDEX interactions_occurred_at_id_idx ON interactions (occurred_at, id);

CREATE INDEX interactions_channel_idx ON interactions (channel);

CREATE INDEX interactions_contract_id_occurred_at_id_idx ON interactions (contract_id, occurred_at, id);

CREATE INDEX interactions_agent_id_occurred_at_id_idx ON interactions (agent_id, occurred_at, id);

CREATE INDEX interactions_outcome_idx ON interactions (outcome);

COMMENT ON TABLE interactions IS 'A discrete contact between a customer, or someone not yet known, and the insurer.';

COMMENT ON COLUMN interactions.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN interactions.customer_id IS 'The customer; none for an anonymous contact.';

COMMENT ON COLUMN interactions.anonymous_reference IS 'What is known of an anonymous contact, such as a session.';

COMMENT ON COLUMN interactions.type IS 'What it was about.';

COMMENT ON COLUMN interactions.channel IS 'Through which medium.';

COMMENT ON COLUMN interactions.direction IS 'Who began it.';

COMMENT ON COLUMN interactions.outcome IS 'How it ended; none while it goes on.';

COMMENT ON COLUMN interactions.subject IS 'The matter, in a line.';

COMMENT ON COLUMN interactions.summary IS 'What was said.';

COMMENT ON COLUMN interactions.occurred_at IS 'When it began.';

COMMENT ON COLUMN interactions.duration_seconds IS 'How long it took, in seconds.';

COMMENT ON COLUMN interactions.agent_id IS 'The agent, where one took part.';

COMMENT ON COLUMN interactions.contract_id IS 'The contract it was about, if any.';

COMMENT ON COLUMN interactions.claim_id IS 'The claim it was about, if any.';

COMMENT ON COLUMN interactions.attributes IS 'Facts from source systems that have no column.';

COMMENT ON COLUMN interactions.created_at IS 'When it was recorded.';

CREATE TABLE complaints (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    customer_id UUID NOT NULL,
    number TEXT DEFAULT c360_number('B', 'complaints_number_seq'::regclass) NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    description TEXT NOT NULL,
    filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_on DATE NOT NULL,
    resolution TEXT,
    resolved_at TIMESTAMP WITH TIME ZONE,
    regulator_reference TEXT,
    handler_id UUID,
    interaction_id UUID,
    contract_id UUID,
    claim_id UUID,
    CONSTRAINT complaints_pkey PRIMARY KEY (id),
    CONSTRAINT complaints_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT complaints_number_key UNIQUE (number),
    CONSTRAINT complaints_handler_id_fkey FOREIGN KEY(handler_id) REFERENCES agents (id),
    CONSTRAINT complaints_interaction_id_fkey FOREIGN KEY(interaction_id) REFERENCES interactions (id),
    CONSTRAINT complaints_contract_id_fkey FOREIGN KEY(contract_id) REFERENCES contracts (id),
    CONSTRAINT complaints_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id),
    CONSTRAINT complaints_category_check CHECK (category in ('SERVICE_QUALITY', 'CLAIMS_HANDLING', 'BILLING', 'POLICY_TERMS', 'SALES_PRACTICES', 'COMMUNICATION', 'PRIVACY')),
    CONSTRAINT complaints_status_check CHECK (status in ('RECEIVED', 'INVESTIGATING', 'PENDING_RESPONSE', 'RESOLVED', 'CLOSED', 'ESCALATED')),
    CONSTRAINT complaints_channel_check CHECK (channel in ('PHONE', 'EMAIL', 'CHAT', 'MOBILE_APP', 'WEB_PORTAL', 'MAIL', 'IN_PERSON'))
);

CREATE INDEX complaints_category_idx ON complaints (category);

CREATE INDEX complaints_interaction_id_filed_at_id_idx ON complaints (interaction_id, filed_at, id);

CREATE INDEX complaints_due_on_id_idx ON complaints (due_on, id);

CREATE INDEX complaints_contract_id_filed_at_id_idx ON complaints (contract_id, filed_at, id);

CREATE INDEX complaints_status_idx ON complaints (status);

CREATE INDEX complaints_handler_id_filed_at_id_idx ON complaints (handler_id, filed_at, id);

CREATE INDEX complaints_claim_id_filed_at_id_idx ON complaints (claim_id, filed_at, id);

CREATE INDEX complaints_filed_at_id_idx ON complaints (filed_at, id);

CREATE INDEX complaints_customer_id_filed_at_id_idx ON complaints (customer_id, filed_at, id);

COMMENT ON TABLE complaints IS 'A formal expression of dissatisfaction.';

COMMENT ON COLUMN complaints.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN complaints.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN complaints.created_at IS 'When the record was made.';

COMMENT ON COLUMN complaints.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN complaints.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN complaints.number IS 'Complaint number, such as B-0000031.';

COMMENT ON COLUMN complaints.category IS 'What it is about.';

COMMENT ON COLUMN complaints.status IS 'Where it stands.';

COMMENT ON COLUMN complaints.channel IS 'How it was filed.';

COMMENT ON COLUMN complaints.description IS 'What the customer complains of.';

COMMENT ON COLUMN complaints.filed_at IS 'When it was filed.';

COMMENT ON COLUMN complaints.due_on IS 'Last day to answer.';

COMMENT ON COLUMN complaints.resolution IS 'How it was resolved.';

COMMENT ON COLUMN complaints.resolved_at IS 'When it was resolved.';

COMMENT ON COLUMN complaints.regulator_reference IS 'Reference at the regulator, once escalated.';

COMMENT ON COLUMN complaints.handler_id IS 'The agent who handles it.';

COMMENT ON COLUMN complaints.interaction_id IS 'The contact it was made in.';

COMMENT ON COLUMN complaints.contract_id IS 'The contract it is about, if any.';

COMMENT ON COLUMN complaints.claim_id IS 'The claim it is about, if any.';
