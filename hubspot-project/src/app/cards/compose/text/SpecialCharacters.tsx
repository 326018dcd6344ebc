/** Asks about characters of the text that would make the SMS dearer and have no equivalent: keep or remove them. */
import { formatCharacters, useText } from '@connector/i18n';
import { withoutUnits } from '@connector/sms-ui';
import { Alert, Button, Flex } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';

export function SpecialCharacters({ draft, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const { fit } = review;
  if (fit.kind !== 'dearer') return null;
  const { characters, parts, partsWithout } = fit;
  const slots = { characters: formatCharacters(characters, t), parts, without: partsWithout };
  const remove = () =>
    edit(
      { text: withoutUnits(draft.text, characters) },
      { made: { kind: 'removed', characters }, before: { text: draft.text } },
    );
  return (
    <Alert title={t('compose.special.dearer', slots)} variant="danger">
      <Flex direction="row" gap="sm" wrap>
        <Button size="xs" disabled={readOnly} onClick={() => edit({ unicode: true })}>
          {t('compose.special.keep')}
        </Button>
        <Button size="xs" disabled={readOnly} onClick={remove}>
          {t('compose.special.remove')}
        </Button>
      </Flex>
    </Alert>
  );
}
