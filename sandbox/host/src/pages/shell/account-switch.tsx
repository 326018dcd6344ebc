// Chooses portal and user. Each portal's pages stand under its own id; the user is in a cookie.

import { type ReactElement } from 'react';
import { listPath } from '../routes';
import { useShell } from './shell-state';

export function AccountSwitch(): ReactElement {
  const { session, texts } = useShell();
  const { portal, portals, user, users } = session;
  const chooseUser = (id: string): void => {
    document.cookie = `sandbox_user=${id}; path=/; SameSite=Lax`;
    window.location.reload();
  };
  const choosePortal = (id: string): void => {
    document.cookie = `sandbox_portal=${id}; path=/; SameSite=Lax`;
    window.location.assign(listPath(Number(id), '0-1'));
  };
  return (
    <span className="hs-account-switch">
      <select
        aria-label={texts.t('nav.portal')}
        value={portal.id}
        onChange={(event) => choosePortal(event.target.value)}
      >
        {portals.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={texts.t('nav.user')}
        value={user.id}
        onChange={(event) => chooseUser(event.target.value)}
      >
        {users.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
