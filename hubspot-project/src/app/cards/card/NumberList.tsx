/** The numbers of the record where there is something to know: whose each is, who has opted out, which is nobody's. */
import type { CardData, PhoneNumber } from '@connector/api';
import { formatPhone, propertyText, useText } from '@connector/i18n';
import { Button, Flex, StatusTag, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { numberKey, usableNumbers } from '../compose/recipients';

/** Numbers shown before the reader asks for the rest: a deal may have many contacts. */
const SHOWN = 3;

export function NumberList({ data }: { data: CardData }) {
  const { t } = useText();
  const [all, setAll] = useState(false);
  const numbers = usableNumbers(data.numbers);
  if (!numbers.some(isNotable)) return null;
  const shown = all ? numbers : numbers.slice(0, SHOWN);
  return (
    <Flex direction="column" gap="xs">
      {shown.map((number) => (
        <NumberLine key={numberKey(number)} number={number} />
      ))}
      {numbers.length > SHOWN && (
        <Flex direction="row">
          <Button variant="transparent" size="xs" onClick={() => setAll(!all)}>
            {all ? t('message.show_less') : t('card.more_numbers', { count: numbers.length - SHOWN })}
          </Button>
        </Flex>
      )}
    </Flex>
  );
}

/** A healthy number on its owner's own record is in view above the card already. */
function isNotable({ owner_name, is_opted_out, is_npai }: PhoneNumber): boolean {
  return Boolean(owner_name) || is_opted_out || is_npai;
}

function NumberLine({ number }: { number: PhoneNumber & { recipient: string } }) {
  const { t } = useText();
  return (
    <Flex direction="row" gap="sm" align="center" wrap>
      <Text variant="microcopy">
        {t('card.number_line', {
          label: number.owner_name ?? propertyText(number.property, t),
          number: formatPhone(number.recipient),
        })}
      </Text>
      {number.is_opted_out && <StatusTag variant="danger">{t('number.opted_out')}</StatusTag>}
      {number.is_npai && <StatusTag variant="warning">{t('number.npai')}</StatusTag>}
    </Flex>
  );
}
