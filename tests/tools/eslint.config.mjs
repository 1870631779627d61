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

// The items of a feed are places in it, no rows of their own, so that the feed's edges lead to no Node.
let lines = [];
const isOfFeed = ({ ruleId, line }) =>
  ruleId === "@graphql-eslint/relay-edge-types" &&
  lines
    .slice(0, line)
    .findLast((text) => text.startsWith("type "))
    ?.match(/^type (CustomerUpdate|DuplicatePair)Edge /);

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
      preprocess: (text) => {
        lines = text.split("\n");
        return [text];
      },
      postprocess: ([messages]) =>
        messages.filter(
          (message) =>
            !isOfFeed(message) &&
            // GraphQL's own, which the SDL declares without a description.
            message.message !== 'Description is required for directive "oneOf"' &&
            !(message.ruleId === "@graphql-eslint/no-typename-prefix" && accepted.has(message.message)),
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
            // Places in the feed have a cursor; types of events and workflows are tables of the code, with names.
            suffixes: ["Connection", "Edge", "Payload", "Update"],
            types: [
              "AccessExplanation", "AccessRule", "BulkResult", "DuplicateCandidate", "DuplicatePair", "MergeMove", "MergedField", "Fact", "KnownEvent", "MaskedValue", "Money", "PageInfo", "ReceiptCandidate", "SearchHit",
              "SignedIn", "Totals", "UserError", "Workflow", "WorkflowTransition",
            ],
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
