import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { type FormEvent, useEffect, useState } from 'react';
import { DEMO_USERS } from './demoUsers';
import { type Session, signIn, signOut, useSession } from './session';

const REQUIRED_ACTIONS: Record<string, string> = {
  CHANGE_PASSWORD: 'This password has to be changed before anything else.',
  ENROL_SECOND_FACTOR: 'This account needs a second factor before anything else.',
};

/** `senior.agent@demo` as a person would say it: `senior agent`. */
const roleOf = (login: string) => login.replace(/@.*/, '').replace('.', ' ');

/** The bar in which one signs in and out. */
export function SignIn() {
  const { session, notice } = useSession();
  return session ? <SignedIn session={session} /> : <SignInForm notice={notice} />;
}

function SignedIn({ session: { login, roles, requiredAction } }: { session: Session }) {
  return (
    <section aria-label="Signed in" className="sign-in">
      {requiredAction && <span role="alert">{REQUIRED_ACTIONS[requiredAction] ?? requiredAction}</span>}
      <span>
        {login} <small>{roles.join(', ')}</small>
      </span>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
    </section>
  );
}

function SignInForm({ notice }: { notice: string | null }) {
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  function choose(chosen: string) {
    setLogin(chosen);
    setPassword((chosen && DEMO_USERS?.password) || '');
    setNeedsCode(false);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    const refused = await signIn(login, password, needsCode ? code : '');
    if (!refused) return;
    setBusy(false);
    if (refused.code === 'SECOND_FACTOR_REQUIRED') setNeedsCode(true);
    setError(refused.message);
  }

  return (
    <form aria-label="Sign in" className="sign-in" onSubmit={submit}>
      <span role="alert">{error ?? notice}</span>
      {DEMO_USERS && (
        <select
          aria-label="Demo role"
          value={DEMO_USERS.logins.includes(login) ? login : ''}
          onChange={event => choose(event.target.value)}
        >
          <option value="">Demo role …</option>
          {DEMO_USERS.logins.map(each => (
            <option key={each} value={each}>
              {roleOf(each)}
            </option>
          ))}
        </select>
      )}
      <input
        aria-label="Login"
        placeholder="Login"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={login}
        onChange={event => setLogin(event.target.value)}
      />
      <input
        aria-label="Password"
        placeholder="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={event => setPassword(event.target.value)}
      />
      {needsCode && (
        <input
          aria-label="Code"
          placeholder="Code"
          autoComplete="one-time-code"
          autoFocus
          required
          value={code}
          onChange={event => setCode(event.target.value)}
        />
      )}
      <button type="submit" disabled={busy}>
        Sign in
      </button>
    </form>
  );
}

/** Loads the schema again when somebody signs in, if the service did not show it before. */
export function SchemaOfSignedIn() {
  const id = useSession().session?.id;
  const missing = useGraphiQL(({ schema, isIntrospecting }) => !schema && !isIntrospecting);
  const { introspect } = useGraphiQLActions();
  useEffect(() => {
    if (id && missing) void introspect();
    // Once for each sign-in: a schema that cannot be loaded is not asked for again and again.
  }, [id]);
  return null;
}
