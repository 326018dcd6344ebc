/** The text of a message and the targets of its links. A long text is shortened until the reader expands it. */
import { useApi, type Message } from '@connector/api';
import { errorText, useText } from '@connector/i18n';
import { linkNumbers, SmsText, useCall, useMarks, withMarks, type Marks } from '@connector/sms-ui';
import { Button, Flex, useExtensionActions } from '@hubspot/ui-extensions';
import { useState } from 'react';
import { LinkTargets } from './LinkTargets';

/** Characters of a text shown before the reader expands it: about one SMS and a half. */
const SHORT_TEXT = 240;

export function MessageText({ message }: { message: Message }) {
  const { t } = useText();
  const marks = useMarks();
  const [isOpen, setOpen] = useState(false);
  const { whole, busy, read } = useWholeMessage(message);
  const shown = (isOpen && whole) || message;
  const all = markedText(shown, marks);
  const short = cut(all);
  const text = isOpen ? all : short;
  const toggle = () => {
    if (isOpen || whole) setOpen(!isOpen);
    else void read().then(setOpen);
  };
  return (
    <Flex direction="column" align="start">
      <SmsText text={text} />
      <LinkTargets links={shown.links} text={text} />
      {(short !== all || message.is_shortened) && (
        <Button variant="transparent" size="xs" disabled={busy} onClick={toggle}>
          {isOpen ? t('message.show_less') : t('message.show_all')}
        </Button>
      )}
    </Flex>
  );
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length > SHORT_TEXT ? `${characters.slice(0, SHORT_TEXT).join('').trimEnd()}…` : text;
}

/** Replies are shown as written, even if they contain text that looks like our tags. */
function markedText(message: Message, marks: Marks): string {
  if (message.direction === 'inbound') return message.text;
  return withMarks(message, linkNumbers(message.text), marks);
}

/** `whole` is null until it is known: the card holds very long texts only in part. `read` returns whether it is known now. */
function useWholeMessage(message: Message) {
  const api = useApi();
  const { t } = useText();
  const { addAlert } = useExtensionActions<'crm.record.sidebar'>();
  const [fetched, setFetched] = useState<Message | null>(null);
  const call = useCall((error) =>
    addAlert({ type: 'danger', title: t('message.text_error'), message: errorText(error, 'read', t) }),
  );
  const read = async (): Promise<boolean> => {
    const done = await call.run(() => api.readMessages([message.id]));
    const [found = null] = done?.answer ?? [];
    setFetched(found);
    return found !== null;
  };
  return { whole: message.is_shortened ? fetched : message, busy: call.busy, read };
}
