import { useGraphiQL } from '@graphiql/react';
import { useMemo } from 'react';

/** Every error of a result with the same code and message, and all the places it was met. */
interface Problem {
  code: string | undefined;
  message: string;
  places: string[];
}

interface ResultError {
  message?: string;
  path?: (string | number)[];
  locations?: { line: number; column: number }[];
  extensions?: { code?: string };
}

const PLACES_SHOWN = 3;

/** Where the error is: the path in the answer, else the line in the query. List items count from 1. */
function place({ path, locations }: ResultError): string | undefined {
  if (path) return path.map(step => (typeof step === 'number' ? `item ${step + 1}` : step)).join(' › ');
  const at = locations?.[0];
  return at && `line ${at.line}, column ${at.column} of the query`;
}

function problemsIn(response: string | null): Problem[] {
  if (!response?.includes('"errors"')) return [];
  let errors: unknown;
  try {
    errors = JSON.parse(response).errors;
  } catch {
    return [];
  }
  if (!Array.isArray(errors)) return [];
  const problems = new Map<string, Problem>();
  for (const error of errors as ResultError[]) {
    const { message = 'Unknown error', extensions } = error;
    const key = `${extensions?.code} ${message}`;
    const problem = problems.get(key) ?? { code: extensions?.code, message, places: [] };
    const where = place(error);
    if (where) problem.places.push(where);
    problems.set(key, problem);
  }
  return [...problems.values()];
}

/** The errors of the answer in plain words, below the raw JSON. */
export function ErrorBanner() {
  const response = useGraphiQL(state => state.tabs[state.activeTabIndex]?.response ?? state.fetchError);
  const problems = useMemo(() => problemsIn(response), [response]);
  if (!problems.length) return null;
  return (
    <section role="alert" aria-label="Errors" className="errors">
      <ul>
        {problems.map(({ code, message, places }) => (
          <li key={`${code} ${message}`}>
            {code && <code>{code}</code>} {message}
            {places.length > 0 && (
              <span>
                {' '}
                at {places.slice(0, PLACES_SHOWN).join('; ')}
                {places.length > PLACES_SHOWN && ` and ${places.length - PLACES_SHOWN} more`}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
