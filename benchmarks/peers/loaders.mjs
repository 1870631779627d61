// What the hand-written server is made of: SQL with the columns the queries want, and a DataLoader for each edge.
import pg from "pg";
import DataLoader from "dataloader";

pg.types.setTypeParser(1184, (text) => text.replace(" ", "T").replace("+00", "Z")); // timestamptz, in UTC
pg.types.setTypeParser(1082, (text) => text); // date
export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  min: Number(process.env.POOL),
  max: Number(process.env.POOL),
  options: "-c timezone=UTC",
});

const OPEN = "('SUBMITTED', 'ACKNOWLEDGED', 'INVESTIGATING', 'PENDING_INFO', 'PENDING_APPROVAL', 'APPROVED')";
const COLUMNS = {
  customers: "kind display_name birth_date gender marital_status language status kyc_status risk_score risk_band segment customer_since lifetime_value_amount currency number sort_name",
  addresses: "customer_id kind street postal_code city country is_primary",
  phones: "customer_id kind e164 is_primary",
  emails: "customer_id kind address is_primary",
  households: "number name",
  household_members: "household_id customer_id role",
  relationships: "customer_id related_customer_id kind started_on",
  contracts: "customer_id product_id agent_id number status coverage_level started_on ends_on premium_amount currency billing_frequency",
  products: "code name",
  agents: "number first_name last_name",
  contract_parties: "contract_id role rank name share_percent",
  payments: "contract_id kind status due_on paid_at amount currency",
  orders: "customer_id number status submitted_at premium_amount currency",
  order_documents: "order_id kind status",
  claims: "customer_id number status cause incident_on reported_at claimed_amount paid_amount currency",
  claim_notes: "claim_id body created_at",
  claim_payments: "claim_id status amount currency paid_at",
  interactions: "customer_id agent_id type channel direction outcome subject occurred_at",
  complaints: "customer_id number category status filed_at due_on resolution",
  events: "customer_id type category summary occurred_at",
};
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const select = (table) => ["id", ...COLUMNS[table].split(" ")].map((name) => `t.${name} as "${camel(name)}"`).join(", ");

// name: [SQL, the property of a row that is the key]. $1 is always the keys.
const EDGES = {};
const one = (name, table, key = "id", type = "uuid") => {
  EDGES[name] = [`select ${select(table)} from ${table} t where t.${key} = any($1::${type}[])`, camel(key)];
};
const children = (name, table, key, order) => {
  const text = `select ${select(table)} from ${table} t where t.${key} = any($1::uuid[]) order by t.${order}, t.id`;
  EDGES[name] = [text, camel(key)];
};
const page = (name, table, key, order, direction, condition = "true") => {
  EDGES[name] = [
    `select r.* from unnest($1::uuid[]) k(key) cross join lateral (select ${select(table)} from ${table} t
     where t.${key} = k.key and ${condition} order by t.${order} ${direction}, t.id ${direction} limit $2::int) r`,
    camel(key),
  ];
};
one("customerByNumber", "customers", "number", "text");
for (const [name, table] of [["customer", "customers"], ["product", "products"], ["agent", "agents"]]) one(name, table);
children("addresses", "addresses", "customer_id", "kind");
children("phones", "phones", "customer_id", "kind");
children("emails", "emails", "customer_id", "kind");
children("members", "household_members", "household_id", "role");
children("parties", "contract_parties", "contract_id", "role");
children("documents", "order_documents", "order_id", "kind");
children("notes", "claim_notes", "claim_id", "created_at");
children("claimPayments", "claim_payments", "claim_id", "approved_at");
page("relationships", "relationships", "customer_id", "kind", "asc");
page("contracts", "contracts", "customer_id", "started_on", "desc");
page("payments", "payments", "contract_id", "due_on", "desc");
page("orders", "orders", "customer_id", "created_at", "desc");
page("claims", "claims", "customer_id", "reported_at", "desc");
page("openClaims", "claims", "customer_id", "reported_at", "desc", `t.status in ${OPEN}`);
page("interactions", "interactions", "customer_id", "occurred_at", "desc");
page("complaints", "complaints", "customer_id", "filed_at", "desc");
page("timeline", "events", "customer_id", "occurred_at", "desc");
EDGES.household = [
  `select m.customer_id as "customerId", ${select("households")} from household_members m
   join households t on t.id = m.household_id where m.customer_id = any($1::uuid[]) and m.left_on is null`,
  "customerId",
];
EDGES.contractCount = [
  `select customer_id as "customerId", count(*)::int as n from contracts where customer_id = any($1::uuid[]) group by 1`,
  "customerId",
];
EDGES.totals = [
  `select c.customer_id as "customerId", c.currency, count(*)::int as "contractCount",
   sum(c.annual_premium_amount) as "annualPremiumAmount", coalesce(sum(o.claims), 0)::int as "openClaimCount"
   from contracts c left join lateral (
     select count(*) as claims from claims s where s.contract_id = c.id and s.status in ${OPEN}) o on true
   where c.customer_id = any($1::uuid[]) and c.status in ('ACTIVE', 'GRACE_PERIOD') group by 1, 2 order by 2`,
  "customerId",
];
const LIST = `select ${select("customers")} from customers t where (t.sort_name, t.id) > ($1, $2::uuid)
  order by t.sort_name, t.id limit $3`;

const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

/** A page of the list of customers, from behind the cursor. */
export const list = (first, after) => {
  const [name, id] = after ? JSON.parse(after) : ["", "00000000-0000-0000-0000-000000000000"];
  return rows("list", LIST, [name, id, first]);
};

/** The loaders of one request: `many` rows of a key or `single`, each edge and limit with its own batches. */
export class Loaders {
  made = new Map();

  many(edge, key, ...limit) {
    const name = `${edge}|${limit}`;
    let loader = this.made.get(name);
    if (loader === undefined) {
      const [text, property] = EDGES[edge];
      loader = new DataLoader(async (keys) => {
        const groups = new Map(keys.map((k) => [k, []]));
        for (const row of await rows(edge, text, [keys, ...limit])) groups.get(row[property]).push(row);
        return keys.map((k) => groups.get(k));
      });
      this.made.set(name, loader);
    }
    return loader.load(key);
  }

  async single(edge, key) {
    return key === null ? null : ((await this.many(edge, key))[0] ?? null);
  }
}
