import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { GraphiQL } from 'graphiql';
import { ErrorBanner } from './ErrorBanner';
import { fetcher } from './fetcher';
import { Header } from './Header';
import { openingOperation, SelectOperation } from './opening';
import { RECIPES_PLUGIN } from './RecipesPlugin';
import { SchemaOfSignedIn, SignIn } from './SignIn';

const PLUGINS = [RECIPES_PLUGIN, HISTORY_PLUGIN];

const opening = openingOperation();

export function App() {
  return (
    <>
      <Header>
        <SignIn />
      </Header>
      <main>
        <GraphiQL
          fetcher={fetcher}
          plugins={PLUGINS}
          defaultQuery=""
          defaultEditorToolsVisibility
          {...opening.props}
          {...(opening.firstVisit && { visiblePlugin: RECIPES_PLUGIN })}
        >
          <GraphiQL.Logo>
            <></>
          </GraphiQL.Logo>
          <GraphiQL.Footer>
            <ErrorBanner />
          </GraphiQL.Footer>
          <SchemaOfSignedIn />
          {opening.operationName && <SelectOperation name={opening.operationName} />}
        </GraphiQL>
      </main>
    </>
  );
}
