/** Replaces the special characters of the text in one press; lists replaced and remaining ones, and offers undo. */
import { formatCharacters, useText, type Translate } from '@connector/i18n';
import { rewriteToGsm7, type Rewrite } from '@connector/sms-ui';
import { Button, Flex, Text, Tile } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';
import type { Undo } from '../useComposer';

export function Replacements(props: FieldProps & { undo: Undo | null }) {
  const { undo } = props;
  if (undo?.made.kind === 'rewrite') return <Made {...props} undo={undo} rewrite={undo.made.rewrite} />;
  if (undo?.made.kind === 'template') return <TemplateMade {...props} undo={undo} name={undo.made.name} />;
  return <Offer {...props} />;
}

/** If special characters are allowed, replacing helps only when none remains: one suffices for Unicode. */
function Offer({ draft, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  if (!review.specialCharacters.length) return null;
  const rewrite = rewriteToGsm7(draft.text);
  if (!rewrite.replacements.length) return null;
  if (draft.unicode && rewrite.left.length) return null;
  const replace = () =>
    edit({ text: rewrite.text }, { made: { kind: 'rewrite', rewrite }, before: { text: draft.text } });
  return (
    <Flex direction="row">
      <Button size="sm" disabled={readOnly} onClick={replace}>
        {t('compose.rewrite')}
      </Button>
    </Flex>
  );
}

function Made({ edit, readOnly, undo, rewrite }: FieldProps & { undo: Undo; rewrite: Rewrite }) {
  const { t } = useText();
  return (
    <Tile compact>
      <Flex direction="column" gap="xs" align="start">
        <Text format={{ fontWeight: 'demibold' }}>{t('compose.rewrite_done')}</Text>
        {rewrite.replacements.map(({ before, after, count }) => (
          <Text key={before} variant="microcopy">
            {t('compose.rewrite_line', { before: named(before, t), after: named(after, t), count })}
          </Text>
        ))}
        {rewrite.left.length > 0 && (
          <Text variant="microcopy">
            {t('compose.rewrite_left', { characters: formatCharacters(rewrite.left, t) })}
          </Text>
        )}
        <Button size="xs" disabled={readOnly} onClick={() => edit(undo.before)}>
          {t('compose.rewrite_undo')}
        </Button>
      </Flex>
    </Tile>
  );
}

function TemplateMade({ edit, readOnly, undo, name }: FieldProps & { undo: Undo; name: string }) {
  const { t } = useText();
  return (
    <Flex direction="row" gap="sm" align="center" wrap>
      <Text variant="microcopy">{t('compose.template.used', { name })}</Text>
      <Button size="xs" disabled={readOnly} onClick={() => edit(undo.before)}>
        {t('compose.template.undo')}
      </Button>
    </Flex>
  );
}

function named(characters: string, t: Translate): string {
  return characters ? formatCharacters([characters], t) : t('compose.rewrite_nothing');
}
