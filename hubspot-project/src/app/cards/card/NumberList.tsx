/** The record's numbers: the owner of each, who has opted out, which are unassigned, and the menu to record a consent. */
import type { CardData, PhoneNumber, RecordRef } from '@connector/api';
import { formatPhone, propertyText, useText } from '@connector/i18n';
import { Button, Dropdown, Flex, StatusTag, Text, Tile } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { ConsentForm } from '../compose/recipient/ConsentForm';
import { numberKey, usableNumbers, type UsableNumber } from '../compose/recipients';
import { OptOutForm } from './OptOut';

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
  const numbers = data.may_send || usable.some(isNotable) ? usable : [];
  if (!numbers.length && !data.numbers_left_out) return null;
  const shown = all ? numbers : numbers.slice(0, SHOWN);
  return (
    <Flex direction="column" gap="xs">
      {shown.map((number) => (
        <NumberLine
          key={numberKey(number)}
          number={number}
          isNamed={usable.length > 1 || isNotable(number)}
          change={changeOf(number, data)}
          record={record}
          refresh={refresh}
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

interface NumberLineProps extends Omit<NumberListProps, 'data'> {
  number: UsableNumber;
  /** Whether the line says which number it is about. */
  isNamed: boolean;
  change: ConsentChange | null;
}

function NumberLine({ number, isNamed, change, record, refresh }: NumberLineProps) {
  const { t } = useText();
  const { owner_name, property, property_label, recipient, is_opted_out, is_npai } = number;
  const [isOpen, setOpen] = useState(false);
  return (
    <Flex direction="column" gap="xs">
      {isNamed && (
        <Text variant="microcopy">
          {t('card.number_line', {
            label: owner_name ?? propertyText(property, property_label, t),
            number: formatPhone(recipient),
          })}
        </Text>
      )}
      <Flex direction="row" gap="sm" align="center" wrap>
        {is_opted_out && <StatusTag variant="danger">{t('number.opted_out')}</StatusTag>}
        {is_npai && <StatusTag variant="warning">{t('number.npai')}</StatusTag>}
        {change && !isOpen && <ConsentMenu change={change} onChosen={() => setOpen(true)} />}
      </Flex>
      {change && isOpen && (
        <ChangeForm
          change={change}
          number={recipient}
          record={record}
          onRecorded={() => {
            setOpen(false);
            refresh();
          }}
          onCancel={() => setOpen(false)}
        />
      )}
    </Flex>
  );
}

/** What this user may record about a number: the opposite of what holds. */
type ConsentChange = 'agreement' | 'opt_out';

function changeOf({ is_opted_out }: UsableNumber, data: CardData): ConsentChange | null {
  if (is_opted_out) return data.may_record_consent ? 'agreement' : null;
  return data.may_send ? 'opt_out' : null;
}

/** Behind a menu: what is rarely needed never stands before the card's own button. */
function ConsentMenu({ change, onChosen }: { change: ConsentChange; onChosen: () => void }) {
  const { t } = useText();
  return (
    <Dropdown buttonText={t('card.consent_menu')} buttonSize="xs" variant="transparent">
      <Dropdown.ButtonItem onClick={onChosen}>
        {t(change === 'agreement' ? 'compose.consent.title' : 'card.opt_out')}
      </Dropdown.ButtonItem>
    </Dropdown>
  );
}

interface ChangeFormProps {
  change: ConsentChange;
  number: string;
  record: RecordRef;
  onRecorded: () => void;
  onCancel: () => void;
}

function ChangeForm({ change, ...form }: ChangeFormProps) {
  return <Tile compact>{change === 'agreement' ? <ConsentForm {...form} /> : <OptOutForm {...form} />}</Tile>;
}
