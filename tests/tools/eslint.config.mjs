// GraphQL-ESLint's rules for schemas, the recommended ones and those of Relay. Whatever departs from them says why.
import graphql from "@graphql-eslint/eslint-plugin";

// no-typename-prefix compares letters. These names are words of their own, not their type's name said twice.
const WORDS = [
  ["Claim", "claimed"], // a participle: the sum that is claimed, beside `approved` and `paid`
  ["Customer", "customerSince"], // the usual term; `since` alone does not say since when what
];
const accepted = new Set(
  WORDS.map(([type, field]) => `Field "${field}" starts with the name of the parent type "${type}"`),
);

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: process.env.C360_SDL } },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { "@graphql-eslint": graphql },
    processor: {
      meta: { name: "accepted-words" },
      preprocess: (text) => [text],
      postprocess: ([messages]) =>
        messages.filter(
          ({ ruleId, message }) => !(ruleId === "@graphql-eslint/no-typename-prefix" && accepted.has(message)),
        ),
    },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,

      // Stricter than recommended: everything has a description, not only types and root fields.
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
        },
      ],

      // Only what is stored has an id. Pages, payloads and values have none, and Relay wants none of them.
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            suffixes: ["Connection", "Edge", "Payload"],
            types: ["Money", "PageInfo", "SearchHit", "Totals"],
          },
        },
      ],

      // Short bounded lists (addresses, parties of a contract) are plain lists, and a connection also has its rows as
      // `nodes` for those who need no cursors.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
];
