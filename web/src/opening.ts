import { useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';
import { RECIPES } from './recipes';

/**
 * What the page shows first: the operation in the address (`?query=…&variables=…&operationName=…`), else on a first
 * visit the recipe with the lowest order, else whatever the reader had open, which GraphiQL keeps itself.
 */
export function openingOperation() {
  const firstVisit = localStorage.getItem('graphiql:tabState') === null;
  const address = new URLSearchParams(location.search);
  const query = address.get('query');
  if (query !== null) {
    const props = { initialQuery: query, initialVariables: address.get('variables') ?? '' };
    keepVariables(props.initialVariables);
    return { props, firstVisit, operationName: address.get('operationName') };
  }
  const welcome = firstVisit ? RECIPES[0] : undefined;
  const props = welcome && { initialQuery: welcome.query, initialVariables: welcome.variables };
  if (props) keepVariables(props.initialVariables);
  return { props, firstVisit, operationName: null };
}

/** GraphiQL compares its first tab with what it stored, and does not store the variables it was opened with. */
function keepVariables(variables: string | undefined) {
  localStorage.setItem('graphiql:variables', variables ?? '');
}

/** Preselects one operation of several. GraphiQL's own `operationName` prop would pin it for good. */
export function SelectOperation({ name }: { name: string }) {
  const { setOperationName } = useGraphiQLActions();
  useEffect(() => setOperationName(name), [name, setOperationName]);
  return null;
}
