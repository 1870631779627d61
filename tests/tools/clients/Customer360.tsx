// How a Relay front end asks the canonical query, and pages through contracts. Compiled, never rendered.
import { graphql, useLazyLoadQuery, usePaginationFragment } from "react-relay";
import type { ContractsPaginationQuery } from "./__generated__/ContractsPaginationQuery.graphql";
import type { Customer360_contracts$key } from "./__generated__/Customer360_contracts.graphql";
import type { Customer360PageQuery } from "./__generated__/Customer360PageQuery.graphql";
import type { Customer360Query } from "./__generated__/Customer360Query.graphql";
import type { Customer360SearchQuery } from "./__generated__/Customer360SearchQuery.graphql";

const canonical = graphql`
  # CANONICAL QUERY
`;

export function Profile(props: { number: string }) {
  const { customer } = useLazyLoadQuery<Customer360Query>(canonical, { number: props.number });
  return <h1>{customer?.displayName}</h1>;
}

export function Page(props: { id: string }) {
  const data = useLazyLoadQuery<Customer360PageQuery>(
    graphql`
      query Customer360PageQuery($id: ID!) {
        customer(id: $id) {
          ...Customer360_contracts
        }
      }
    `,
    { id: props.id },
  );
  return data.customer ? <Contracts customer={data.customer} /> : null;
}

export function Search(props: { words: string }) {
  // Leaves out an argument that has a default: older Relay compilers want `Int = 10` for it, not `Int! = 10`.
  const { search } = useLazyLoadQuery<Customer360SearchQuery>(
    graphql`
      query Customer360SearchQuery($words: String!) {
        search(query: $words) {
          matchedText
          object {
            __typename
            ... on Customer {
              displayName
            }
          }
        }
      }
    `,
    { words: props.words },
  );
  return search?.map((hit) => <p key={hit.matchedText}>{hit.object?.__typename}</p>);
}

function Contracts(props: { customer: Customer360_contracts$key }) {
  const { data, hasNext, loadNext } = usePaginationFragment<ContractsPaginationQuery, Customer360_contracts$key>(
    graphql`
      fragment Customer360_contracts on Customer
      @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
      @refetchable(queryName: "ContractsPaginationQuery") {
        contracts(first: $count, after: $cursor) @connection(key: "Customer360_contracts") {
          edges {
            node {
              id
              number
            }
          }
        }
      }
    `,
    props.customer,
  );
  const numbers = data.contracts?.edges.map((edge) => edge.node.number) ?? [];
  return (
    <button disabled={!hasNext} onClick={() => loadNext(2)}>
      {numbers.join(", ")}
    </button>
  );
}
