/** The tools that insert into the text, where it last changed. One is open at a time, below the buttons. */
import { WITHOUT_NUMBERS } from '@connector/api';
import { useText } from '@connector/i18n';
import { inserted, tokenOf } from '@connector/sms-ui';
import { Button, Flex, Tile, useExtensionContext } from '@hubspot/ui-extensions';
import type { FieldProps } from '../field';
import { EmojiTool } from './EmojiTool';
import { LinkTool } from './LinkTool';
import { TokenTool } from './TokenTool';

const TOOLS = ['token', 'link', 'emoji'] as const;
export type Tool = (typeof TOOLS)[number];

const CONTACT = WITHOUT_NUMBERS[0].people.contacts;

interface ToolbarProps extends FieldProps {
  open: Tool | null;
  choose: (tool: Tool | null) => void;
}

export function Toolbar({ open, choose, ...props }: ToolbarProps) {
  const { t } = useText();
  return (
    <>
      <Flex direction="row" gap="xs" wrap>
        <FirstName {...props} />
        {TOOLS.map((tool) => (
          <Button
            key={tool}
            size="xs"
            variant={tool === open ? 'primary' : 'secondary'}
            disabled={props.readOnly}
            onClick={() => choose(tool === open ? null : tool)}
          >
            {t(`compose.tool.${tool}`)}
          </Button>
        ))}
      </Flex>
      {open && (
        <Tile compact>
          <OpenTool {...props} tool={open} close={() => choose(null)} />
        </Tile>
      )}
    </>
  );
}

/** The first name of the person texted, with a greeting where the text is still empty. */
function FirstName({ draft, review, edit, readOnly }: FieldProps) {
  const { t } = useText();
  const { crm } = useExtensionContext<'crm.record.sidebar'>();
  if (review.recipient?.object_type_id !== CONTACT) return null;
  const token = tokenOf(crm.objectTypeId === CONTACT ? 'firstname' : 'contact.firstname', '');
  const isNew = !draft.text.trim();
  const insert = () =>
    edit(
      isNew ? { text: t('compose.token.greeting', { token }) } : inserted(draft.text, draft.cursor, token),
    );
  const name = `[${t('compose.token.firstname').toLowerCase()}]`;
  return (
    <Button size="xs" disabled={readOnly} onClick={insert}>
      {isNew ? t('compose.token.greet', { name }) : name}
    </Button>
  );
}

function OpenTool({ tool, ...props }: FieldProps & { tool: Tool; close: () => void }) {
  switch (tool) {
    case 'token':
      return <TokenTool {...props} />;
    case 'link':
      return <LinkTool {...props} />;
    case 'emoji':
      return <EmojiTool {...props} />;
  }
}
