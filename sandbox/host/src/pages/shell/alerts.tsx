// Floating messages raised by extensions (addAlert) and by the pages.

import { CircleAlert, CircleCheck, Info, Lightbulb, TriangleAlert, X, type LucideIcon } from 'lucide-react';
import { useCallback, useEffect, useState, type ReactElement } from 'react';
import { useTexts, type AlertMessage } from './shell-state';

// Success messages close by themselves; errors stay until the user closes them.
const SHOWN_MS = 8000;
const STAYS = new Set(['danger', 'warning']);

const ICONS: Record<string, LucideIcon> = {
  info: Info,
  success: CircleCheck,
  warning: TriangleAlert,
  danger: CircleAlert,
  tip: Lightbulb,
};

export interface ShownAlert extends AlertMessage {
  key: number;
}

let lastKey = 0;

export function useAlerts(): {
  alerts: readonly ShownAlert[];
  add(alert: AlertMessage): void;
  remove(key: number): void;
} {
  const [alerts, setAlerts] = useState<readonly ShownAlert[]>([]);
  const remove = useCallback(
    (key: number) => setAlerts((before) => before.filter((alert) => alert.key !== key)),
    [],
  );
  const add = useCallback((alert: AlertMessage) => {
    lastKey += 1;
    const shown = { ...alert, key: lastKey };
    setAlerts((before) => [...before, shown]);
  }, []);
  return { alerts, add, remove };
}

export function Alerts({
  alerts,
  remove,
}: {
  alerts: readonly ShownAlert[];
  remove(key: number): void;
}): ReactElement {
  return (
    <div className="hs-toasts">
      {alerts.map((alert) => (
        <Toast key={alert.key} alert={alert} remove={remove} />
      ))}
    </div>
  );
}

function Toast({ alert, remove }: { alert: ShownAlert; remove(key: number): void }): ReactElement {
  const { t } = useTexts();
  const type = alert.type ?? 'info';
  const { key } = alert;
  useEffect(() => {
    if (STAYS.has(type)) return undefined;
    const timer = setTimeout(() => remove(key), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [key, type, remove]);
  const Glyph = ICONS[type] ?? Info;
  return (
    <div
      className={`hs-toast hs-toast-${type}`}
      role={STAYS.has(type) ? 'alert' : 'status'}
      data-alert={type}
    >
      <Glyph aria-hidden className="hs-alert-icon" />
      <div className="hs-alert-body">
        {alert.title && <div className="hs-alert-title">{alert.title}</div>}
        <div>{alert.message}</div>
      </div>
      <button
        type="button"
        className="hs-dialog-close"
        aria-label={t('common.close')}
        onClick={() => remove(key)}
      >
        <X aria-hidden />
      </button>
    </div>
  );
}
