/** The tools that insert into the text. One tool is open at a time, below the buttons; each inserts at the end. */
import { useText } from '@connector/i18n';
import { Button, Flex, Tile } from '@hubspot/ui-extensions';
import { useState } from 'react';
import type { FieldProps } from '../field';
import { SaveTemplateTool } from '../templates/SaveTemplateTool';
import { TemplateTool } from '../templates/TemplateTool';
import { EmojiTool } from './EmojiTool';
import { LinkTool } from './LinkTool';
import { TokenTool } from './TokenTool';

const TOOLS = ['template', 'token', 'link', 'emoji', 'save_template'] as const;
type Tool = (typeof TOOLS)[number];

export function Toolbar(props: FieldProps) {
  const { t } = useText();
  const [chosen, setChosen] = useState<Tool | null>(null);
  const offered = TOOLS.filter((tool) => isOffered(tool, props));
  const open = offered.find((tool) => tool === chosen);
  return (
    <Flex direction="column" gap="sm">
      <Flex direction="row" gap="xs" wrap>
        {offered.map((tool) => (
          <Button
            key={tool}
            size="xs"
            variant={tool === open ? 'primary' : 'secondary'}
            disabled={props.readOnly}
            onClick={() => setChosen(tool === open ? null : tool)}
          >
            {t(`compose.tool.${tool}`)}
          </Button>
        ))}
      </Flex>
      {open && (
        <Tile compact>
          <OpenTool {...props} tool={open} close={() => setChosen(null)} />
        </Tile>
      )}
    </Flex>
  );
}

/** Saving needs a text and the right to change the portal's templates. */
function isOffered(tool: Tool, { draft, data }: FieldProps): boolean {
  return tool !== 'save_template' || (data.may_edit_templates && draft.text.trim() !== '');
}

function OpenTool({ tool, close, ...props }: FieldProps & { tool: Tool; close: () => void }) {
  switch (tool) {
    case 'template':
      return <TemplateTool {...props} />;
    case 'token':
      return <TokenTool {...props} />;
    case 'link':
      return <LinkTool {...props} />;
    case 'emoji':
      return <EmojiTool {...props} />;
    case 'save_template':
      return <SaveTemplateTool {...props} close={close} />;
  }
}
