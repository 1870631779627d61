import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { type ExecutionResult, getOperationAST } from 'graphql';
import { createClient } from 'graphql-ws';
import { ENDPOINT, failure } from './endpoint';
import { ask, credential } from './session';

// Connects with the first subscription and not before.
const socket = createClient({
  url: new URL(ENDPOINT, location.href).href.replace(/^http/, 'ws'),
  connectionParams: credential,
});

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
  return operation?.operation === 'subscription' ? subscribe(params) : ask(params, options?.headers);
};
