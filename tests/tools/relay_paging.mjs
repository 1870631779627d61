// Pages through a customer's contracts with Relay's own runtime, as usePaginationFragment does, and prints as JSON what
// the fragment shows after each page. Arguments: the endpoint, the compiled artifacts, the customer's id; the
// environment has the header that signs in, as C360_AUTHORIZATION.
import { createRequire } from "node:module";
import path from "node:path";
import relay from "relay-runtime";

const [endpoint, artifacts, id] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const artifact = (name) => require(path.join(artifacts, `${name}.graphql.js`)).default;

async function ask(operation, variables) {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      authorization: process.env.C360_AUTHORIZATION,
    },
    body: JSON.stringify({ query: operation.text, operationName: operation.name, variables }),
  });
  return answer.json();
}

const environment = new relay.Environment({
  network: relay.Network.create(ask),
  store: new relay.Store(new relay.RecordSource()),
});
const fragment = artifact("Customer360_contracts");
const { paginationMetadata, paginationRequest } = relay.getPaginationMetadata(
  fragment,
  "relay_paging",
);

const page = relay.createOperationDescriptor(artifact("Customer360PageQuery"), { id });
environment.retain(page);

// The fragment as a component sees it: read from Relay's store, below the query that spread it.
function look() {
  const { customer } = environment.lookup(page.fragment).data;
  const selector = relay.getSingularSelector(fragment, customer);
  return { selector, contracts: environment.lookup(selector).data.contracts };
}

await relay.fetchQuery(environment, page.request.node, { id }).toPromise();
let { selector, contracts } = look();
const shown = [contracts.edges.map(({ node }) => node.number)];

while (contracts.pageInfo.hasNextPage) {
  const variables = relay.getPaginationVariables(
    "forward",
    2,
    contracts.pageInfo.endCursor,
    { ...selector.owner.variables, ...selector.variables },
    { id },
    paginationMetadata,
  );
  await relay.fetchQuery(environment, paginationRequest, variables).toPromise();
  ({ selector, contracts } = look());
  shown.push(contracts.edges.map(({ node }) => node.number));
}
process.stdout.write(JSON.stringify(shown));
