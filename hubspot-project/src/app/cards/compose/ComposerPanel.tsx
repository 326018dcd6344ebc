/** The button that opens the composer, and the composer in its panel. The most used fields come first. */
import type { CardData } from '@connector/api';
import { useText } from '@connector/i18n';
import { Button, Divider, Flex, Panel, PanelBody, PanelFooter, PanelSection } from '@hubspot/ui-extensions';
import { PreviewBox } from './preview/PreviewBox';
import { PushTypeField } from './PushTypeField';
import { RecipientField } from './recipient/RecipientField';
import { RecipientNotes } from './recipient/RecipientNotes';
import { ScheduleField } from './ScheduleField';
import { SendFooter } from './SendFooter';
import { SenderField } from './SenderField';
import { TextSection } from './text/TextSection';
import type { Composer } from './useComposer';
import { useComposition } from './useComposition';

export const COMPOSER_PANEL = 'sms-composer';

interface ComposerProps {
  data: CardData;
  composer: Composer;
}

interface ComposerButtonProps extends ComposerProps {
  /** `secondary` where the SMS will most likely not arrive. */
  variant?: 'primary' | 'secondary';
}

export function ComposerButton({ data, composer, variant = 'primary' }: ComposerButtonProps) {
  const { t } = useText();
  return (
    <Button
      variant={variant}
      onClick={() => composer.opened(data)}
      overlay={<ComposerPanel data={data} composer={composer} />}
    >
      {t('card.send')}
    </Button>
  );
}

function ComposerPanel({ data, composer }: ComposerProps) {
  const { t } = useText();
  const composition = useComposition(data, composer);
  const { draft, review } = composition;
  const field = { data, draft, review, edit: composer.edit, readOnly: composer.sending };
  return (
    <Panel id={COMPOSER_PANEL} title={t('compose.title')} width="md" onClose={composer.closed}>
      <PanelBody>
        <PanelSection>
          <Flex direction="column" gap="md">
            <RecipientField {...field} />
            <RecipientNotes {...field} composer={composer} />
            <PushTypeField {...field} />
            <TextSection {...field} undo={composer.undo} />
            <Flex direction="column" gap="flush">
              <SenderField {...field} />
              <ScheduleField {...field} />
            </Flex>
            <Divider size="flush" />
            {/* The last thing: its height changes by itself, and nothing below it can be pressed in vain. */}
            <PreviewBox composer={composer} composition={composition} />
          </Flex>
        </PanelSection>
      </PanelBody>
      <PanelFooter>
        <SendFooter composer={composer} composition={composition} />
      </PanelFooter>
    </Panel>
  );
}
