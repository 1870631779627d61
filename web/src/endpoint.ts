import type { FetcherParams } from '@graphiql/toolkit';
import { type ExecutionResult, GraphQLError } from 'graphql';

export const ENDPOINT = '/graphql';

/** What the service said: its HTTP status (0 if it cannot be reached), the result, and the time by its clock. */
export interface Answer {
  status: number;
  result: ExecutionResult;
  now: number;
}

/** A failure that has no GraphQL answer, in the shape of one, so that it is shown like every other error. */
export function failure(code: string, message: string): ExecutionResult {
  return { errors: [new GraphQLError(message, { extensions: { code } })] };
}

export async function post(params: FetcherParams, headers: HeadersInit = {}): Promise<Answer> {
  const all = new Headers(headers);
  all.set('accept', 'application/graphql-response+json, application/json;q=0.9');
  all.set('content-type', 'application/json');
  let response: Response;
  let text: string;
  try {
    response = await fetch(ENDPOINT, { method: 'POST', headers: all, body: JSON.stringify(params) });
    text = await response.text();
  } catch {
    const result = failure('SERVER_UNREACHABLE', 'The server cannot be reached. Is it running?');
    return { status: 0, result, now: Date.now() };
  }
  const { status } = response;
  const now = Date.parse(response.headers.get('date') ?? '') || Date.now();
  try {
    return { status, result: JSON.parse(text), now };
  } catch {
    const result = failure(`HTTP_${status}`, `The server did not answer in JSON: ${text.slice(0, 300)}`);
    return { status, result, now };
  }
}
