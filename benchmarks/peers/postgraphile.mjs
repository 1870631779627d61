// PostGraphile 5 over the same tables, with production settings; the functions of extras.sql give it what it lacks.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";

const port = Number(process.env.PORT);
const server = postgraphile({
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset],
  // All columns may order a list, not just those that begin an index: an index on (customer_id, …) serves them.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public", "bench"],
      poolConfig: { min: Number(process.env.POOL), max: Number(process.env.POOL) },
    }),
  ],
  schema: { defaultBehavior: "+connection +list", retryOnInitFail: false },
  grafserv: { port, watch: false, graphiql: false, graphqlOverGET: false },
  grafast: { explain: false },
});

if (process.argv.includes("--print")) {
  const { printSchema } = await import("graphql");
  const { schema } = await server.getSchemaResult();
  console.log(printSchema(schema));
  process.exit(0);
}
const http = createServer();
await server.createServ(grafserv).addTo(http);
http.listen(port, "127.0.0.1");
