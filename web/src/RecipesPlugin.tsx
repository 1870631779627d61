import { type GraphiQLPlugin, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { type Recipe, RECIPES } from './recipes';

const GROUPS = [...Map.groupBy(RECIPES, recipe => recipe.group)];

function useOpenRecipe() {
  const { addTab } = useGraphiQLActions();
  const editors = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }));
  return (recipe: Recipe) => {
    addTab();
    editors.queryEditor?.setValue(recipe.query);
    editors.variableEditor?.setValue(recipe.variables);
    editors.queryEditor?.focus();
  };
}

function Recipes() {
  const open = useOpenRecipe();
  return (
    <section aria-label="Recipes" className="recipes">
      <div className="recipes-title">Recipes</div>
      <p>Ready-made queries. A click opens one in a new tab.</p>
      {GROUPS.map(([group, recipes]) => (
        <section key={group} aria-label={group}>
          <h3>{group}</h3>
          <ul>
            {recipes.map(recipe => (
              <li key={recipe.name}>
                <button type="button" onClick={() => open(recipe)}>
                  <strong>{recipe.title}</strong>
                  <span>{recipe.about}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

function RecipesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round">
      <path d="M5 4.5A1.5 1.5 0 0 1 6.5 3H19v18H6.5A1.5 1.5 0 0 1 5 19.5z" />
      <path d="M9 3v18M12.5 8H16M12.5 12H16" />
    </svg>
  );
}

export const RECIPES_PLUGIN: GraphiQLPlugin = { title: 'Recipes', icon: RecipesIcon, content: Recipes };
