/** Notes about a number before writing to it: opted out, unassigned, a landline, abroad. */
import { countryText, useText, type Translate } from '@connector/i18n';
import { Accordion, Alert, Flex, Text } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';
import type { UsableNumber } from '../recipients';
import type { Composer } from '../useComposer';
import { ConsentForm } from './ConsentForm';

export function RecipientNotes({ review, data, composer }: FieldProps & { composer: Composer }) {
  const { t } = useText();
  const { recipient, consent } = review;
  if (!recipient) return null;
  const notes = notesOn(recipient, t);
  if (!notes.length && consent === 'given') return null;
  return (
    <Flex direction="column" gap="xs">
      {notes.map((note) => (
        <Text key={note} variant="microcopy">
          {note}
        </Text>
      ))}
      {consent !== 'given' && (
        <Alert title={t('compose.opted_out.title')} variant={consent === 'alert_allowed' ? 'info' : 'danger'}>
          {t(`compose.opted_out.${consent}`)}
          {!data.may_record_consent && ` ${t('compose.opted_out.ask')}`}
        </Alert>
      )}
      {consent !== 'given' && data.may_record_consent && (
        <Accordion key={recipient.recipient} title={t('compose.consent.title')} size="xs">
          <ConsentForm
            number={recipient.recipient}
            record={composer.record}
            onRecorded={composer.refreshCard}
          />
        </Accordion>
      )}
    </Flex>
  );
}

function notesOn(number: UsableNumber, t: Translate): string[] {
  const notes: string[] = [];
  if (number.is_npai) notes.push(t('compose.note.npai'));
  if (number.kind === 'fixed') notes.push(t('compose.note.fixed'));
  if (number.is_foreign) {
    notes.push(t('compose.note.foreign', { country: countryText(number.country, t) }));
  }
  return notes;
}
