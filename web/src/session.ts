import type { FetcherParams } from '@graphiql/toolkit';
import type { ExecutionResult } from 'graphql';
import { useSyncExternalStore } from 'react';
import { type Answer, post } from './endpoint';

/**
 * Who is signed in, and the tokens that prove it.
 *
 * The tokens are kept in sessionStorage and nowhere else. Memory alone would lose them at each reload, and a page that
 * is reloaded in the midst of something would ask for the password again. localStorage would outlive the browser, for
 * whoever sits down there next. A cookie would be sent along unasked, with what another site makes the browser ask
 * (CSRF). A foreign script could read any of these; the Content-Security-Policy lets none in.
 */
export interface Session {
  id: string;
  /** How often the tokens were renewed: of two copies of a session the one with more is the newer one. */
  renewals: number;
  accessToken: string;
  refreshToken: string;
  /** By this machine's clock, in milliseconds, like Date.now(). */
  renewAt: number;
  expiresAt: number;
  login: string;
  roles: string[];
  requiredAction: string | null;
}

interface State {
  session: Session | null;
  /** What the reader should know of it, such as why one has to sign in again. */
  notice: string | null;
}

interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
  requiredAction: string | null;
}

interface UserError {
  code: string;
  message: string;
}

const KEY = 'customer360:session';
const LOCK = 'customer360:renewal';
const RENEW_EARLY_MS = 60_000;
const RETRY_MS = 10_000;
const ENDED = 'Your session has ended. Sign in again.';

const TOKENS = 'session { accessToken refreshToken expiresAt requiredAction } userErrors { code message }';
const LOGIN = `mutation Login($login: String!, $password: String!, $code: String) {
  login(login: $login, password: $password, code: $code) { ${TOKENS} }
}`;
const REFRESH = `mutation Refresh($refreshToken: String!) { refreshSession(refreshToken: $refreshToken) { ${TOKENS} } }`;
const LOGOUT = 'mutation Logout { logout { ended } }';
const ME = '{ me { login roles } }';

let state: State = { session: stored(), notice: null };
const listeners = new Set<() => void>();

export function useSession(): State {
  return useSyncExternalStore(subscribe, () => state);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stored(): Session | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}

function become(session: Session | null, notice: string | null = null) {
  state = { session, notice };
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
  else sessionStorage.removeItem(KEY);
  schedule();
  for (const listener of listeners) listener();
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The server's moments by this machine's clock: the two may differ by more than a token lives. */
function received({ expiresAt, ...tokens }: Tokens, serverNow: number) {
  const life = Date.parse(expiresAt) - serverNow;
  const expires = Date.now() + life;
  return { ...tokens, expiresAt: expires, renewAt: expires - Math.min(RENEW_EARLY_MS, life / 4) };
}

/** The payload of a mutation; else the first error of the answer in its place. */
function outcome(answer: Answer, field: string): { tokens?: Tokens; error?: UserError } {
  const { data, errors } = answer.result;
  const payload = data?.[field] as { session: Tokens | null; userErrors: UserError[] } | null | undefined;
  if (payload?.session) return { tokens: payload.session };
  const error = payload?.userErrors[0];
  if (error) return { error };
  return { error: { code: String(errors?.[0]?.extensions?.code), message: errors?.[0]?.message ?? 'Signing in failed.' } };
}

/** Sign in. Gives the error if it did not work; its code is SECOND_FACTOR_REQUIRED when only `code` is missing. */
export async function signIn(login: string, password: string, code: string): Promise<UserError | null> {
  const answer = await post({ query: LOGIN, variables: { login, password, code: code || null } });
  const { tokens, error } = outcome(answer, 'login');
  if (!tokens) return error ?? null;
  const who = await post({ query: ME }, bearer(tokens.accessToken));
  const me = who.result.data?.me as { login: string; roles: string[] } | null | undefined;
  const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
  become({ id, renewals: 0, ...received(tokens, answer.now), login: me?.login ?? login, roles: me?.roles ?? [] });
  return null;
}

/** Sign out: here at once, and at the service if it can be reached; otherwise the session ends there by itself. */
export async function signOut() {
  if (state.session && state.session.expiresAt <= Date.now()) await renew();
  const { session } = state;
  if (!session) return;
  become(null);
  channel.postMessage({ ended: session.id });
  await post({ query: LOGOUT }, bearer(session.accessToken));
}

/** Ask as whoever is signed in, unless the headers have a credential of their own. */
export async function ask(params: FetcherParams, headers: HeadersInit = {}): Promise<ExecutionResult> {
  const given = new Headers(headers);
  if (given.has('authorization') || given.has('x-api-key')) return (await post(params, given)).result;
  if (state.session && state.session.expiresAt <= Date.now()) await renew();
  let asked = state.session;
  let answer = await send(params, given, asked);
  if (asked && answer.status === 401 && firstError(answer)?.reason === 'EXPIRED') {
    await renew();
    asked = state.session;
    answer = await send(params, given, asked);
  }
  if (firstError(answer)?.code === 'UNAUTHENTICATED' && state.session?.id === asked?.id) {
    become(null, asked ? ENDED : (state.notice ?? 'Sign in to see this.'));
  }
  return answer.result;
}

/** What a socket begins with: the token of whoever is signed in, renewed if it has expired; nothing for nobody. */
export async function credential(): Promise<Record<string, string>> {
  if (state.session && state.session.expiresAt <= Date.now()) await renew();
  return state.session ? { Authorization: bearer(state.session.accessToken).authorization } : {};
}

function send(params: FetcherParams, headers: Headers, session: Session | null) {
  const all = new Headers(headers);
  if (session) all.set('authorization', bearer(session.accessToken).authorization);
  return post(params, all);
}

function firstError({ result }: Answer) {
  return result.errors?.[0]?.extensions as { code?: string; reason?: string } | undefined;
}

// A tab that is duplicated takes a copy of sessionStorage along. A refresh token is good once, and used twice it ends
// the session: so all tabs of this page renew one at a time, and tell their copies of the new tokens.
const channel = new BroadcastChannel('customer360:session');

channel.onmessage = ({ data }: MessageEvent<{ wanted?: string; news?: Session; ended?: string }>) => {
  const { session } = state;
  if (!session) return;
  if (data.wanted === session.id) channel.postMessage({ news: session });
  if (data.news?.id === session.id && data.news.renewals > session.renewals) become(data.news);
  if (data.ended === session.id) become(null, 'You signed out in another tab.');
};

/** Let the other tabs say whether they have newer tokens; they answer within a few milliseconds. */
async function hearFromCopies(id: string) {
  channel.postMessage({ wanted: id });
  await new Promise(resolve => setTimeout(resolve, 100));
}

/** Locks need a secure context: over plain HTTP from another machine there are none, and nothing to do about it. */
function oneTabAtATime(work: () => Promise<void>): Promise<void> {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

let renewing: Promise<void> | undefined;

/** Exchange the tokens for new ones; afterwards there is a fresh session, or none, or the old one if all else failed. */
function renew(): Promise<void> {
  const old = state.session;
  if (!old) return Promise.resolve();
  renewing ??= oneTabAtATime(() => renewOnce(old)).finally(() => (renewing = undefined));
  return renewing;
}

async function renewOnce(old: Session) {
  await hearFromCopies(old.id);
  const unchanged = () => state.session?.id === old.id && state.session.renewals === old.renewals;
  if (!unchanged()) return;
  const answer = await post({ query: REFRESH, variables: { refreshToken: old.refreshToken } });
  if (!unchanged()) return;
  const { tokens, error } = outcome(answer, 'refreshSession');
  if (tokens) {
    const session = { ...old, ...received(tokens, answer.now), renewals: old.renewals + 1 };
    become(session);
    channel.postMessage({ news: session });
  } else if (error?.code === 'UNAUTHENTICATED') {
    become(null, ENDED);
  } else {
    schedule(RETRY_MS);
  }
}

let timer: ReturnType<typeof setTimeout> | undefined;
let used = true;
for (const event of ['pointerdown', 'keydown']) addEventListener(event, () => (used = true), { passive: true });

/**
 * Renew shortly before the token expires, if the page was used since the last time. Otherwise it waits for the next
 * query: a page left alone must not keep its session from ending for idleness.
 */
function schedule(wait = state.session ? state.session.renewAt - Date.now() : 0) {
  clearTimeout(timer);
  if (!state.session) return;
  timer = setTimeout(() => {
    if (!used) return;
    used = false;
    void renew();
  }, wait);
}

schedule();
