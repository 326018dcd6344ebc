/** The button that opens the composer, and the composer in its panel. */
import type { CardData } from '@connector/api';
import { useText } from '@connector/i18n';
import { Button, Flex, Panel, PanelBody, PanelFooter, PanelSection } from '@hubspot/ui-extensions';
import { reviewDraft } from './draft';
import { PushTypeField } from './PushTypeField';
import { RecipientField } from './RecipientField';
import { SendFooter } from './SendFooter';
import { SenderField } from './SenderField';
import { TextField } from './TextField';
import type { Composer } from './useComposer';

export const COMPOSER_PANEL = 'sms-composer';

interface ComposerProps {
  data: CardData;
  composer: Composer;
}

export function ComposerButton({ data, composer }: ComposerProps) {
  const { t } = useText();
  return (
    <Button
      variant="primary"
      onClick={() => composer.opened(data)}
      overlay={<ComposerPanel data={data} composer={composer} />}
    >
      {t('card.send')}
    </Button>
  );
}

function ComposerPanel({ data, composer }: ComposerProps) {
  const { t } = useText();
  const draft = composer.draftFor(data);
  const review = reviewDraft(draft, data.numbers);
  const field = { draft, review, edit: composer.edit, readOnly: composer.sending };
  return (
    <Panel id={COMPOSER_PANEL} title={t('compose.title')} width="md">
      <PanelBody>
        <PanelSection>
          <Flex direction="column" gap="md">
            <PushTypeField {...field} />
            <RecipientField {...field} numbers={data.numbers} />
            <SenderField {...field} />
            <TextField {...field} />
          </Flex>
        </PanelSection>
      </PanelBody>
      <PanelFooter>
        <SendFooter composer={composer} draft={draft} review={review} />
      </PanelFooter>
    </Panel>
  );
}
