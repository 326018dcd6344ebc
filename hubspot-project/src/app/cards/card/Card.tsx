/** The card of one record: its data, kept fresh while a message is under way, and the composer's state. */
import { useApi, type RecordRef } from '@connector/api';
import { useText } from '@connector/i18n';
import { RemoteView, useRemote } from '@connector/sms-ui';
import { useExtensionActions, useExtensionContext } from '@hubspot/ui-extensions';
import { useCallback, useEffect, useMemo } from 'react';
import { COMPOSER_PANEL } from '../compose/ComposerPanel';
import { useComposer } from '../compose/useComposer';
import { CardBody } from './CardBody';
import { withSent } from './cardData';
import { sentAlert } from './sentAlert';
import { useMessageProgress } from './useMessageProgress';

/** Properties whose change on the page changes who can be texted. */
const PHONE_PROPERTIES = ['phone', 'mobilephone', 'hs_whatsapp_phone_number'];

/** Another record gets another card: a draft must never go to someone else. */
export function Card() {
  const { crm } = useExtensionContext<'crm.record.sidebar'>();
  const objectTypeId = crm.objectTypeId;
  const objectId = String(crm.objectId);
  const record = useMemo(
    () => ({ object_type_id: objectTypeId, object_id: objectId }),
    [objectTypeId, objectId],
  );
  return <RecordCard key={`${objectTypeId}/${objectId}`} record={record} />;
}

function RecordCard({ record }: { record: RecordRef }) {
  const api = useApi();
  const { t } = useText();
  const actions = useExtensionActions<'crm.record.sidebar'>();
  const control = useRemote(useCallback(() => api.openCard(record), [api, record]));
  const { refresh, update } = control;

  useMessageProgress(api, control);
  useRefreshOnPhoneChange(refresh);

  const composer = useComposer(record, {
    onSent: (result) => {
      update((data) => withSent(data, result.message));
      actions.closeOverlay(COMPOSER_PANEL);
      actions.addAlert(sentAlert(result, t));
    },
    // Whatever the reason, what the card shows may be what was wrong: a changed number, an unlinked account.
    onFailed: () => void refresh(),
  });

  return (
    <RemoteView control={control} loadingLabel={t('card.loading')} errorTitle={t('card.error_title')}>
      {(data) => <CardBody data={data} composer={composer} />}
    </RemoteView>
  );
}

function useRefreshOnPhoneChange(refresh: () => Promise<void>) {
  const { onCrmPropertiesUpdate } = useExtensionActions<'crm.record.sidebar'>();
  useEffect(() => {
    onCrmPropertiesUpdate(PHONE_PROPERTIES, () => void refresh());
    // The action is another function at each render, and HubSpot offers no way to unsubscribe: once is enough.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [refresh]);
}
