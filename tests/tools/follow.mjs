// Follows the feed with a client from npm, graphql-ws or graphql-sse, and prints the text of each event as it comes.
// Whatever happens to the service meanwhile: the cursor of the last event goes into the variables, which the client
// sends again when it comes back.
import { createClient as createEventClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import { WebSocket } from "ws";

const [url, transport] = process.argv.slice(2);
const Authorization = process.env.C360_AUTHORIZATION;
const query = `subscription ($after: String) { customerEvents(after: $after) { cursor event { summary } } }`;
const variables = { after: process.env.C360_AFTER };
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
const say = (line) => process.stdout.write(`${line}\n`);

const clients = {
  "graphql-ws": () =>
    createSocketClient({
      url: url.replace(/^http/, "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { Authorization },
      retryAttempts: Infinity,
      retryWait: pause,
      shouldRetry: () => true,
      on: { connected: () => say("connected"), closed: (event) => say(`closed ${event.code}`) },
    }),
  "graphql-sse": () =>
    createEventClient({
      url,
      headers: { Authorization },
      retryAttempts: Infinity,
      retry: pause,
      on: { connected: () => say("connected") },
    }),
};

clients[transport]().subscribe(
  { query, variables },
  {
    next: ({ data, errors }) => {
      if (errors) return say(`errors ${JSON.stringify(errors)}`);
      variables.after = data.customerEvents.cursor;
      say(`event ${data.customerEvents.event.summary}`);
    },
    error: (error) => say(`error ${error}`),
    complete: () => say("complete"),
  },
);
