// The app's logo, which the build puts beside the host; a plug when the app has none.

import { Plug } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { classes } from '../../components/root';

const LOGO_URL = '/host/app-logo.png';

export function AppLogo({ size }: { size: 'small' | 'large' }): ReactElement {
  const [missing, setMissing] = useState(false);
  return (
    <span className={classes('hs-app-logo', size === 'small' && 'hs-app-logo-small')} aria-hidden>
      {missing ? <Plug /> : <img src={LOGO_URL} alt="" onError={() => setMissing(true)} />}
    </span>
  );
}
