// How a front end uses what the client preset generates. Compiled by tsc, never run.
import type { ResultOf, VariablesOf } from "@graphql-typed-document-node/core";
import { Customer360Document } from "./generated/graphql";

type Result = ResultOf<typeof Customer360Document>;
type Variables = VariablesOf<typeof Customer360Document>;

export const variables: Variables = { number: "C-0000001" };

export function premiums(result: Result): Array<string> {
  const contracts = result.customer?.contracts?.nodes ?? [];
  return contracts.map(({ premium }): string => `${premium.amount} ${premium.currency}`);
}

// @ts-expect-error the number is required
export const missing: Variables = {};

// @ts-expect-error no such field was asked for
export const unasked = (result: Result): unknown => result.customer?.shoeSize;
