import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { type ExecutionResult, getOperationAST, GraphQLError } from 'graphql';
import { createClient } from 'graphql-ws';

const ENDPOINT = '/graphql';

// Connects with the first subscription and not before.
const socket = createClient({ url: new URL(ENDPOINT, location.href).href.replace(/^http/, 'ws') });

/** A failure that has no GraphQL answer, in the shape of one, so that it is shown like every other error. */
function failure(code: string, message: string): ExecutionResult {
  return { errors: [new GraphQLError(message, { extensions: { code } })] };
}

async function post(params: FetcherParams, headers?: Record<string, string>): Promise<ExecutionResult> {
  let response: Response;
  try {
    response = await fetch(ENDPOINT, {
      method: 'POST',
      headers: {
        ...headers,
        accept: 'application/graphql-response+json, application/json;q=0.9',
        'content-type': 'application/json',
      },
      body: JSON.stringify(params),
    });
  } catch {
    return failure('SERVER_UNREACHABLE', 'The server cannot be reached. Is it running?');
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return failure(`HTTP_${response.status}`, `The server did not answer in JSON: ${text.slice(0, 300)}`);
  }
}

async function* subscribe(params: FetcherParams): AsyncGenerator<ExecutionResult> {
  try {
    yield* socket.iterate(params) as AsyncIterable<ExecutionResult>;
  } catch (error) {
    if (Array.isArray(error)) yield { errors: error };
    else if (error instanceof CloseEvent) yield failure(`SOCKET_${error.code}`, error.reason || 'The connection was lost.');
    else yield failure('SOCKET', String(error));
  }
}

/** Queries and mutations by POST, subscriptions over the WebSocket at the same address. */
export const fetcher: Fetcher = (params, options) => {
  const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
  return operation?.operation === 'subscription' ? subscribe(params) : post(params, options?.headers);
};
