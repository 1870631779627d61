/** The demo users one may sign in as. The password is there only if it is no secret (auth/demo_users.py). */
export interface DemoUsers {
  logins: string[];
  password: string | null;
}

const told = document.querySelector<HTMLMetaElement>('meta[name="customer360:demo-users"]');

/** As the service tells it in a meta element of the page; null where there are none, as in production. */
export const DEMO_USERS: DemoUsers | null = told && JSON.parse(told.content);
