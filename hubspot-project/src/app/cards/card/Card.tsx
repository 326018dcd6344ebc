/** The card of one record: its data, refreshed while a message is under way, and the composer's state. */
import { useApi, type CardData, type RecordRef } from '@connector/api';
import { useText } from '@connector/i18n';
import { RemoteView, useRemote } from '@connector/sms-ui';
import { useExtensionActions, useExtensionContext } from '@hubspot/ui-extensions';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { COMPOSER_PANEL } from '../compose/ComposerPanel';
import { useComposer } from '../compose/useComposer';
import { CardBody } from './CardBody';
import { withMessage } from './cardData';
import { sentAlert } from './sentAlert';
import { useMessageProgress } from './useMessageProgress';

/** The properties to follow when the backend does not report yet which ones count. */
const PHONE_PROPERTIES = ['phone', 'mobilephone', 'hs_whatsapp_phone_number'];

/** Each record gets its own card: a draft must never go to another person. */
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
  const text = useText();
  const { t } = text;
  const { portal } = useExtensionContext<'crm.record.sidebar'>();
  const actions = useExtensionActions<'crm.record.sidebar'>();
  const control = useRemote(useCallback(() => api.openCard(record), [api, record]));
  const { remote, refresh, update } = control;
  const data = remote.status === 'ready' ? remote.data : null;

  useMessageProgress(api, control);
  useRefreshOnPhoneChange(data ? phoneProperties(data, record) : [], refresh);

  const composer = useComposer(record, {
    onSent: (result) => {
      update((before) => withMessage(before, result.message));
      // An attempt repeated after its message's last status: nothing polls for it, so count and balance are read now.
      if (result.message.final) void refresh();
      actions.closeOverlay(COMPOSER_PANEL);
      actions.addAlert(sentAlert(result, data?.time_zone ?? portal.timezone, text));
    },
    refreshCard: () => void refresh(),
  });

  return (
    <RemoteView control={control} loadingLabel={t('card.loading')} errorTitle={t('card.error_title')}>
      {(ready) => <CardBody data={ready} composer={composer} control={control} />}
    </RemoteView>
  );
}

/** Properties that decide who can be texted, even while they are empty. A deal has none. */
function phoneProperties({ phone_properties, numbers }: CardData, record: RecordRef): string[] {
  if (!phone_properties.length) return [...PHONE_PROPERTIES, ...numbers.map(({ property }) => property)];
  const own = phone_properties.filter(({ object_type_id }) => object_type_id === record.object_type_id);
  return own.map(({ name }) => name);
}

function useRefreshOnPhoneChange(properties: string[], refresh: () => Promise<void>) {
  const { onCrmPropertiesUpdate } = useExtensionActions<'crm.record.sidebar'>();
  const followed = useRef(new Set<string>());
  const newest = useRef(refresh);
  const wanted = JSON.stringify([...new Set(properties)].sort());
  useEffect(() => {
    newest.current = refresh;
  }, [refresh]);
  useEffect(() => {
    const added = (JSON.parse(wanted) as string[]).filter((property) => !followed.current.has(property));
    for (const property of added) followed.current.add(property);
    if (added.length) onCrmPropertiesUpdate(added, () => void newest.current());
    // The action changes at each render, and HubSpot offers no way to unsubscribe: subscribe once per property.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted]);
}
