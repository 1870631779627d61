import type { ReactNode } from 'react';
import logo from './favicon.svg';

/** The bar across the top. Its children stand at the right end: the place for who is signed in. */
export function Header({ children }: { children?: ReactNode }) {
  return (
    <header className="page-header">
      <img src={logo} alt="" width="24" height="24" />
      <h1>customer360</h1>
      <div className="page-header-end">{children}</div>
    </header>
  );
}
