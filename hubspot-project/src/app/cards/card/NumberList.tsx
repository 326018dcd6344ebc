/** The record's numbers that need a remark: the owner of each, who has opted out, which are unassigned. */
import type { CardData, PhoneNumber, RecordRef } from '@connector/api';
import { formatPhone, propertyText, useText } from '@connector/i18n';
import { Button, Flex, StatusTag, Text, Tile } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { ConsentForm } from '../compose/recipient/ConsentForm';
import { numberKey, usableNumbers, type UsableNumber } from '../compose/recipients';

/** Numbers shown before the reader expands the list: a deal may have many contacts. */
const SHOWN = 3;

interface NumberListProps {
  data: CardData;
  record: RecordRef;
  /** The card's data have changed. */
  refresh: () => void;
}

export function NumberList({ data, record, refresh }: NumberListProps) {
  const { t } = useText();
  const [all, setAll] = useState(false);
  const usable = usableNumbers(data.numbers);
  const numbers = usable.some(isNotable) ? usable : [];
  if (!numbers.length && !data.numbers_left_out) return null;
  const shown = all ? numbers : numbers.slice(0, SHOWN);
  return (
    <Flex direction="column" gap="xs">
      {shown.map((number) => (
        <NumberLine
          key={numberKey(number)}
          number={number}
          consenting={data.may_record_consent ? { record, onRecorded: refresh } : null}
        />
      ))}
      {numbers.length > SHOWN && (
        <Flex direction="row">
          <Button variant="transparent" size="xs" onClick={() => setAll(!all)}>
            {all ? t('message.show_less') : t('card.more_numbers', { count: numbers.length - SHOWN })}
          </Button>
        </Flex>
      )}
      {data.numbers_left_out > 0 && <Text variant="microcopy">{t('card.numbers_left_out')}</Text>}
    </Flex>
  );
}

/** A healthy number on its owner's own record is already visible above the card. */
function isNotable({ owner_name, is_opted_out, is_npai }: PhoneNumber): boolean {
  return Boolean(owner_name) || is_opted_out || is_npai;
}

interface NumberLineProps {
  number: UsableNumber;
  /** Records a new agreement; null for users without that right. */
  consenting: { record: RecordRef; onRecorded: () => void } | null;
}

function NumberLine({ number, consenting }: NumberLineProps) {
  const { t } = useText();
  const { owner_name, property, property_label, recipient, is_opted_out, is_npai } = number;
  return (
    <Flex direction="column" gap="xs">
      <Flex direction="row" gap="sm" align="center" wrap>
        <Text variant="microcopy">
          {t('card.number_line', {
            label: owner_name ?? propertyText(property, property_label, t),
            number: formatPhone(recipient),
          })}
        </Text>
        {is_opted_out && <StatusTag variant="danger">{t('number.opted_out')}</StatusTag>}
        {is_npai && <StatusTag variant="warning">{t('number.npai')}</StatusTag>}
      </Flex>
      {is_opted_out && consenting && <NewAgreement number={recipient} {...consenting} />}
    </Flex>
  );
}

/** For users with the right to record consent, even without the right to send: a button that opens the form. */
function NewAgreement(form: { number: string; record: RecordRef; onRecorded: () => void }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  if (isOpen) {
    return (
      <Tile compact>
        <ConsentForm {...form} onCancel={() => setOpen(false)} />
      </Tile>
    );
  }
  return (
    <Flex direction="row">
      <Button variant="transparent" size="xs" onClick={() => setOpen(true)}>
        {t('compose.consent.title')}
      </Button>
    </Flex>
  );
}
