"""How requests reach the graph: GraphQL over HTTP; and the metrics of what becomes of them."""
