import { createClient } from 'graphql-ws';
import { ENDPOINT } from '../endpoint';
import { credential } from '../session';
import { type Customer, CUSTOMER } from './book';

/** One item of the subscription; without an event it only moves the cursor on. */
export interface Update {
  cursor: string;
  event: { id: string; type: string; summary: string; occurredAt: string } | null;
  customer: Customer | null;
}

export interface Listener {
  update(update: Update): void;
  /** Whether the service can be heard at the moment. */
  live(live: boolean): void;
  /** Following has ended, and why. */
  ended(reason: string): void;
}

const FOLLOW = `subscription Follow($after: String) {
  customerEvents(after: $after, heartbeats: true) {
    cursor
    event { id type summary occurredAt }
    customer { ${CUSTOMER} }
  }
}`;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Follow the events after a cursor until the function that is returned is called.
 *
 * The client connects again by itself, and sends the same variables again. The cursor of the last event is in them, so
 * that whatever happened meanwhile comes first, and nothing twice.
 */
export function follow(after: string | null, listener: Listener): () => void {
  const variables = { after };
  const client = createClient({
    url: new URL(ENDPOINT, location.href).href.replace(/^http/, 'ws'),
    connectionParams: credential,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: retries =>
      new Promise(resolve => {
        const pause = Math.min(250 * 2 ** retries, LONGEST_PAUSE_MS);
        setTimeout(resolve, pause * (0.5 + Math.random() / 2));
      }),
    on: { connected: () => listener.live(true), closed: () => listener.live(false) },
  });
  const stop = client.subscribe<{ customerEvents: Update | null }>(
    { query: FOLLOW, variables },
    {
      next: ({ data, errors }) => {
        const update = data?.customerEvents;
        if (!update) return listener.ended(errors?.[0]?.message ?? 'The events cannot be followed.');
        variables.after = update.cursor;
        listener.update(update);
      },
      error: error => listener.ended(reasonOf(error)),
      complete: () => listener.live(false),
    },
  );
  return () => {
    stop();
    void client.dispose();
  };
}

function reasonOf(error: unknown): string {
  if (Array.isArray(error)) return String(error[0]?.message);
  if (error instanceof CloseEvent) return error.reason || `The connection was closed (${error.code}).`;
  return String(error);
}
