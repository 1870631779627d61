/** One saved query: a file of web/recipes, whose leading comments say what it is. */
export interface Recipe {
  name: string;
  title: string;
  group: string;
  about: string;
  order: number;
  query: string;
  variables: string;
}

const queries = import.meta.glob<string>('../recipes/*.graphql', { query: '?raw', import: 'default', eager: true });
const variables = import.meta.glob<string>('../recipes/*.variables.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** A sentence as comment lines short enough for a narrow editor. */
function comment(sentence: string) {
  return sentence.replace(/(.{1,34})(?:\s+|$)/g, '# $1\n');
}

function parse(path: string, text: string): Recipe {
  const [comments = ''] = /^(#.*\n)*/.exec(text) ?? [];
  const meta = (key: string) => new RegExp(`^# ${key}:(.*)$`, 'm').exec(comments)?.[1]?.trim() ?? '';
  const about = meta('about');
  return {
    name: path.slice('../recipes/'.length, -'.graphql'.length),
    title: meta('title'),
    group: meta('group'),
    about,
    order: Number(meta('order') || 1000),
    query: `${comment(about)}\n${text.slice(comments.length).trim()}\n`,
    variables: variables[path.replace(/\.graphql$/, '.variables.json')]?.trim() ?? '',
  };
}

/** All recipes, lowest order first; the very first one welcomes new visitors. */
export const RECIPES: Recipe[] = Object.entries(queries)
  .map(([path, text]) => parse(path, text))
  .sort((a, b) => a.order - b.order || a.title.localeCompare(b.title));
