"""How requests reach the graph: GraphQL over HTTP."""
