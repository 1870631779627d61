// mercurius with its JIT on fastify: the part of our schema that the queries need, resolved by hand.
import Fastify from "fastify";
import mercurius from "mercurius";
import { Loaders, list, pool } from "./loaders.mjs";

const connection = (type) => `type ${type}Connection { totalCount: Int! nodes: [${type}!]! }`;
const schema = `
type Query { customer(number: String!): Customer  customers(first: Int = 20, after: String): CustomerConnection }
type PageInfo { endCursor: String }
type Money { amount: String! currency: String! }
type CustomerConnection { pageInfo: PageInfo! nodes: [Customer!]! }
${["Relationship", "Contract", "Payment", "Order", "Claim", "Interaction", "Complaint", "Event"].map(connection).join("\n")}
type Customer { id: ID! number: String! kind: String! displayName: String! birthDate: String gender: String
  maritalStatus: String language: String! status: String! kycStatus: String! riskScore: Int riskBand: String
  segment: String! customerSince: String! lifetimeValue: Money! totals: [Totals!] addresses: [Address!]
  phones: [Phone!] emails: [Email!] household: Household relationships(first: Int = 20): RelationshipConnection
  contracts(first: Int = 20): ContractConnection orders(first: Int = 20): OrderConnection
  claims(first: Int = 20): ClaimConnection openClaims(first: Int = 20): ClaimConnection
  interactions(first: Int = 20): InteractionConnection complaints(first: Int = 20): ComplaintConnection
  timeline(first: Int = 20): EventConnection }
type Totals { contractCount: Int! annualPremium: Money! openClaimCount: Int! }
type Address { id: ID! kind: String! street: String postalCode: String city: String country: String! isPrimary: Boolean! }
type Phone { id: ID! kind: String! number: String! isPrimary: Boolean! }
type Email { id: ID! kind: String! address: String! isPrimary: Boolean! }
type Household { id: ID! number: String! name: String! members: [Member!] }
type Member { id: ID! role: String! customer: Customer! }
type Relationship { id: ID! kind: String! startedOn: String relatedCustomer: Customer! }
type Contract { id: ID! number: String! status: String! coverageLevel: String! startedOn: String! endsOn: String
  premium: Money! billingFrequency: String! product: Product! agent: Agent parties: [Party!]
  payments(first: Int = 20): PaymentConnection }
type Product { id: ID! code: String! name: String! }
type Agent { id: ID! number: String! firstName: String! lastName: String! }
type Party { id: ID! role: String! rank: String name: String! sharePercent: String }
type Payment { id: ID! kind: String! status: String! dueOn: String! paidAt: String amount: Money! }
type Order { id: ID! number: String! status: String! submittedAt: String premium: Money! documents: [Document!] }
type Document { id: ID! kind: String! status: String! }
type Claim { id: ID! number: String! status: String! cause: String! incidentOn: String! reportedAt: String!
  claimed: Money! paid: Money! notes: [Note!] payments: [ClaimPayment!] }
type Note { id: ID! body: String! createdAt: String! }
type ClaimPayment { id: ID! status: String! amount: Money! paidAt: String }
type Interaction { id: ID! type: String! channel: String! direction: String! outcome: String subject: String!
  occurredAt: String! agent: Agent }
type Complaint { id: ID! number: String! category: String! status: String! filedAt: String! dueOn: String! resolution: String }
type Event { id: ID! type: String! category: String! summary: String! occurredAt: String! }
`;

const id = (prefix) => ({ id: (row) => `${prefix}_${row.id}` });
const money = (property) => (row) => ({ amount: row[property], currency: row.currency });
const children = (edge) => (row, _, { loaders }) => loaders.many(edge, row.id);
const single = (edge, property) => (row, _, { loaders }) => loaders.single(edge, row[property]);
const page = (edge) => async (row, { first }, { loaders }) => ({ key: row.id, nodes: await loaders.many(edge, row.id, first) });
const resolvers = {
  Query: {
    customer: (_, { number }, { loaders }) => loaders.single("customerByNumber", number),
    customers: async (_, { first, after }) => ({ nodes: await list(first, after) }),
  },
  CustomerConnection: {
    pageInfo: ({ nodes }) => ({ endCursor: JSON.stringify([nodes.at(-1).sortName, nodes.at(-1).id]) }),
  },
  Customer: {
    ...id("cus"),
    lifetimeValue: money("lifetimeValueAmount"),
    household: single("household", "id"),
    ...Object.fromEntries(["totals", "addresses", "phones", "emails"].map((name) => [name, children(name)])),
    ...Object.fromEntries(
      ["relationships", "contracts", "orders", "claims", "openClaims", "interactions", "complaints", "timeline"].map(
        (name) => [name, page(name)],
      ),
    ),
  },
  ContractConnection: {
    totalCount: async ({ key }, _, { loaders }) => (await loaders.single("contractCount", key))?.n ?? 0,
  },
  Totals: { annualPremium: money("annualPremiumAmount") },
  Address: id("adr"),
  Phone: { ...id("phn"), number: (row) => row.e164 },
  Email: id("eml"),
  Household: { ...id("hhd"), members: children("members") },
  Member: { ...id("hhm"), customer: single("customer", "customerId") },
  Relationship: { ...id("rel"), relatedCustomer: single("customer", "relatedCustomerId") },
  Contract: {
    ...id("con"),
    premium: money("premiumAmount"),
    product: single("product", "productId"),
    agent: single("agent", "agentId"),
    parties: children("parties"),
    payments: page("payments"),
  },
  Product: id("prd"),
  Agent: id("agt"),
  Party: id("cpa"),
  Payment: { ...id("pay"), amount: money("amount") },
  Order: { ...id("ord"), premium: money("premiumAmount"), documents: children("documents") },
  Document: id("odc"),
  Claim: {
    ...id("clm"),
    claimed: money("claimedAmount"),
    paid: money("paidAmount"),
    notes: children("notes"),
    payments: children("claimPayments"),
  },
  Note: id("cln"),
  ClaimPayment: { ...id("clp"), amount: money("amount") },
  Interaction: { ...id("int"), agent: single("agent", "agentId") },
  Complaint: id("cmp"),
  Event: id("evt"),
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, jit: 1, graphiql: false, context: () => ({ loaders: new Loaders() }) });
app.addHook("onClose", () => pool.end());
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
