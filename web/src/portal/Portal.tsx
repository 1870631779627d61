import { useEffect, useReducer, useState } from 'react';
import { type Session, signOut, useSession } from '../session';
import { type Book, EMPTY, read, updated } from './book';
import { follow, type Update } from './live';
import { SignIn } from './SignIn';

/** An example of what a partner builds: its customers, and what happens to them, as it happens. */
export function Portal() {
  const { session, notice } = useSession();
  return session ? <Desk key={session.id} session={session} /> : <SignIn notice={notice} />;
}

type News = { book: Book } | { update: Update };
const reduce = (book: Book, news: News) => ('book' in news ? news.book : updated(book, news.update));

function Desk({ session }: { session: Session }) {
  const [book, dispatch] = useReducer(reduce, EMPTY);
  const [live, setLive] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    let stop = () => {};
    let left = false;
    void read().then(found => {
      if (left) return;
      if (typeof found === 'string') return setTrouble(found);
      dispatch({ book: found });
      stop = follow(found.cursor, { update: update => dispatch({ update }), live: setLive, ended: setTrouble });
    });
    return () => {
      left = true;
      stop();
    };
  }, []);
  return (
    <>
      <header>
        <h1>Partner portal</h1>
        <span role="status" className={live ? 'live' : 'waiting'}>
          {live ? 'live' : 'connecting …'}
        </span>
        <span className="end">{session.login}</span>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </header>
      {trouble && <p role="alert">{trouble}</p>}
      <main>
        <Customers book={book} />
        <Events book={book} />
      </main>
    </>
  );
}

function Customers({ book: { customers, total, updates } }: { book: Book }) {
  const newest = updates[0]?.customer?.id;
  return (
    <section aria-label="Customers">
      <h2>
        Customers <small>{total > customers.length ? `${customers.length} of ${total}` : total}</small>
      </h2>
      <table>
        <thead>
          <tr>
            <th>Number</th>
            <th>Name</th>
            <th>Contracts</th>
          </tr>
        </thead>
        <tbody>
          {customers.map(({ id, number, displayName, contracts }) => (
            <tr key={id} className={id === newest ? 'newest' : undefined}>
              <td className="number">{number}</td>
              <td>{displayName}</td>
              <td>
                {contracts?.nodes.map(contract => (
                  <div key={contract.number}>
                    {contract.product?.name} <small>{worded(contract.status)}</small>
                  </div>
                ))}
                {contracts && contracts.totalCount > contracts.nodes.length && (
                  <small>{contracts.totalCount - contracts.nodes.length} more</small>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Events({ book: { updates, count } }: { book: Book }) {
  return (
    <section aria-label="Events">
      <h2>
        Events <small>{count}</small>
      </h2>
      {count === 0 && <p>What happens to your customers shows here as it happens.</p>}
      <ol>
        {updates.map(({ cursor, event, customer }) => (
          <li key={cursor}>
            <time dateTime={event?.occurredAt}>{event && new Date(event.occurredAt).toLocaleTimeString()}</time>
            <strong>{event && spaced(event.type)}</strong>
            <span>{event?.summary}</span>
            {customer && (
              <small>
                {customer.displayName}, {customer.number}
              </small>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** `IN_FORCE` as `in force`. */
const worded = (name: string) => name.toLowerCase().replaceAll('_', ' ');

/** `ContractAmended` as `Contract amended`. */
const spaced = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
