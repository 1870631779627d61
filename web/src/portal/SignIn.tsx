import { type FormEvent, useState } from 'react';
import { DEMO_USERS } from '../demoUsers';
import { signIn } from '../session';

const PARTNER = DEMO_USERS?.logins.find(login => login.startsWith('partner')) ?? '';

/** What is shown to whoever has not signed in; the demo world's partner stands in it already. */
export function SignIn({ notice }: { notice: string | null }) {
  const [login, setLogin] = useState(PARTNER);
  const [password, setPassword] = useState(DEMO_USERS?.password ?? '');
  const [code, setCode] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    const refused = await signIn(login, password, code ?? '');
    if (!refused) return;
    setBusy(false);
    if (refused.code === 'SECOND_FACTOR_REQUIRED') setCode('');
    setError(refused.message);
  }

  return (
    <form aria-label="Sign in" onSubmit={submit}>
      <h1>Partner portal</h1>
      <p>An example of what a partner can build on customer360.</p>
      <label>
        Login
        <input
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={login}
          onChange={event => setLogin(event.target.value)}
        />
      </label>
      <label>
        Password
        <input
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={event => setPassword(event.target.value)}
        />
      </label>
      {code !== null && (
        <label>
          Code
          <input
            autoComplete="one-time-code"
            autoFocus
            required
            value={code}
            onChange={event => setCode(event.target.value)}
          />
        </label>
      )}
      <button type="submit" disabled={busy}>
        Sign in
      </button>
      <p role="alert">{error ?? notice}</p>
    </form>
  );
}
