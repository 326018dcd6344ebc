/** Draws remote data: only this component shows that a view loads, has failed, or may be out of date. */
import { errorText, useText } from '@connector/i18n';
import { Button, ErrorState, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';
import type { RemoteControl } from './useRemote';

interface RemoteViewProps<T> {
  control: RemoteControl<T>;
  loadingLabel: string;
  errorTitle: string;
  /** Whether there is nothing to show; `empty` is then drawn instead of `children`. */
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
