/**
 * The button that opens the composer, and its panel: recipient, text, preview, departure. The order of the elements is
 * the order of the keyboard: with one number, the text is the first field.
 */
import type { CardData } from '@connector/api';
import { useText } from '@connector/i18n';
import { Button, Flex, Panel, PanelBody, PanelFooter, PanelSection } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { DepartureFold } from './departure/DepartureFold';
import { PushTypeField } from './departure/PushTypeField';
import { PreviewBox, PreviewNotes } from './preview/PreviewBox';
import { RecipientField } from './recipient/RecipientField';
import { RecipientNotes } from './recipient/RecipientNotes';
import { SendFooter } from './send/SendFooter';
import { TemplateFold } from './templates/TemplateFold';
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
  // A new template makes the list above the text anew.
  const [saved, setSaved] = useState(0);
  const field = { data, draft, review, edit: composer.edit, readOnly: composer.sending };
  return (
    <Panel id={COMPOSER_PANEL} title={t('compose.title')} width="md" onClose={composer.closed}>
      <PanelBody>
        <PanelSection flush>
          <Flex direction="column" gap="sm">
            <RecipientField {...field} />
            <RecipientNotes {...field} composer={composer} />
            <TemplateFold key={saved} {...field} />
            <TextSection
              {...field}
              undo={composer.undo}
              preview={composition.preview}
              rough={composition.rough}
            />
            <PreviewBox composition={composition} />
            <PushTypeField {...field} />
            <DepartureFold {...field} preview={composition.preview} />
            <PreviewNotes composer={composer} composition={composition} />
          </Flex>
        </PanelSection>
      </PanelBody>
      <PanelFooter>
        <SendFooter
          {...field}
          composer={composer}
          composition={composition}
          onTemplateSaved={() => setSaved(saved + 1)}
        />
      </PanelFooter>
    </Panel>
  );
}
