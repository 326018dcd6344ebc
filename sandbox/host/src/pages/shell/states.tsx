// A page's loading state and its error state.

import { useEffect, type ReactElement } from 'react';
import { useTexts } from './shell-state';

export function PageLoading(): ReactElement {
  const { t } = useTexts();
  return (
    <div className="hs-loading hs-loading-centered hs-page" role="status" aria-label={t('common.loading')}>
      <span className="hs-spinner hs-spinner-md" aria-hidden />
    </div>
  );
}

export function PageFailed({ message }: { message: string }): ReactElement {
  const { t } = useTexts();
  useEffect(() => {
    document.documentElement.dataset.page = 'failed';
  }, []);
  return (
    <div className="hs-page">
      <div className="hs-alert hs-alert-danger" role="alert">
        <div className="hs-alert-body">{message}</div>
        <button
          type="button"
          className="hs-button hs-button-secondary hs-button-sm"
          onClick={() => window.location.reload()}
        >
          {t('common.tryAgain')}
        </button>
      </div>
    </div>
  );
}
