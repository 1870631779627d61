import { ask } from '../session';
import type { Update } from './live';

export interface Customer {
  id: string;
  number: string;
  displayName: string;
  contracts: {
    totalCount: number;
    nodes: { number: string; status: string; product: { name: string } | null }[];
  } | null;
}

/** The selection in which a customer is read and followed: what an event brings takes the place of what was read. */
export const CUSTOMER = `id number displayName
  contracts(first: 3) { totalCount nodes { number status product { name } } }`;

const BOOK = `query Book { feedCursor customers(first: 50) { totalCount nodes { ${CUSTOMER} } } }`;

export interface Book {
  /** Where the feed ended as the customers were read: whoever follows after it misses nothing. */
  cursor: string | null;
  total: number;
  customers: Customer[];
  /** The newest first. */
  updates: Update[];
  /** How many events there were. */
  count: number;
}

export const EMPTY: Book = { cursor: null, total: 0, customers: [], updates: [], count: 0 };
const SHOWN = 100;

/** The book as it is now, or why it cannot be read. */
export async function read(): Promise<Book | string> {
  const { data, errors } = await ask({ query: BOOK, operationName: 'Book' });
  const found = data as { feedCursor: string; customers: { totalCount: number; nodes: Customer[] } } | null | undefined;
  if (!found?.customers) return errors?.[0]?.message ?? 'The customers cannot be read.';
  return { ...EMPTY, cursor: found.feedCursor, total: found.customers.totalCount, customers: found.customers.nodes };
}

/** The book after an event. */
export function updated(book: Book, update: Update): Book {
  if (!update.event) return { ...book, cursor: update.cursor };
  const { customer } = update;
  const customers = customer ? book.customers.map(each => (each.id === customer.id ? customer : each)) : book.customers;
  const updates = [update, ...book.updates].slice(0, SHOWN);
  return { ...book, cursor: update.cursor, customers, updates, count: book.count + 1 };
}
