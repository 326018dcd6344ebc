/** Draws remote data: the only place where a view waits, fails, or says that what it shows may be old. */
import { errorText, useText } from '@connector/i18n';
import { Button, ErrorState, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';
import type { RemoteControl } from './useRemote';

interface RemoteViewProps<T> {
  control: RemoteControl<T>;
  loadingLabel: string;
  errorTitle: string;
  /** Says that there is nothing to show; `empty` is drawn instead of `children`. */
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

export function RemoteView<T>({
  control,
  loadingLabel,
  errorTitle,
  isEmpty,
  empty,
  children,
}: RemoteViewProps<T>) {
  const { t } = useText();
  const { remote, retry, refresh } = control;
  if (remote.status === 'loading') return <LoadingSpinner label={loadingLabel} layout="centered" showLabel />;
  if (remote.status === 'error') {
    return (
      <ErrorState title={errorTitle}>
        <Flex direction="column" gap="sm" align="center">
          <Text>{errorText(remote.error, 'read', t)}</Text>
          <Button onClick={retry}>{t('common.retry')}</Button>
        </Flex>
      </ErrorState>
    );
  }
  return (
    <Flex direction="column" gap="sm">
      {isEmpty?.(remote.data) ? empty : children(remote.data)}
      {remote.refreshError && (
        <Flex direction="row" gap="sm" align="center" wrap>
          <Text variant="microcopy">{t('common.stale')}</Text>
          <Button variant="transparent" size="xs" onClick={refresh}>
            {t('common.retry')}
          </Button>
        </Flex>
      )}
    </Flex>
  );
}
