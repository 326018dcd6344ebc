// A list that the app provides while the field is edited. The app searches it, page by page.

import { ChevronDown, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { readOptions, type Draft, type LiveOption } from '../../api-workflows';
import { Popover } from '../../components/overlays/popover';
import { useTexts } from '../shell/shell-state';
import { staticValue, type FieldProps } from './field-props';

const TYPING_PAUSE_MS = 200;

export function LiveOptions(props: FieldProps): ReactElement {
  const { words, ids, value, disabled, set } = props;
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const [label, setLabel] = useState<string | null>(null);
  const anchor = useRef<HTMLButtonElement>(null);
  const chosen = staticValue(value);
  const close = (): void => {
    setOpen(false);
    anchor.current?.focus();
  };
  const pick = (option: LiveOption): void => {
    set({ type: 'STATIC_VALUE', value: option.value });
    setLabel(option.label);
    close();
  };
  return (
    <div className="hs-live-options">
      <button
        {...ids}
        ref={anchor}
        type="button"
        className="hs-input hs-select"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={`${words.label} ${label ?? chosen}`.trim()}
        disabled={disabled}
        onClick={() => setOpen(!open)}
      >
        <span className={chosen ? 'hs-select-face' : 'hs-select-face hs-placeholder'}>
          {chosen ? (label ?? chosen) : t('component.select')}
        </span>
        <ChevronDown aria-hidden className="hs-caret" />
      </button>
      {chosen && (
        <button
          type="button"
          className="hs-edit"
          aria-label={`${t('common.clear')} ${words.label}`}
          onClick={() => set(undefined)}
        >
          <X aria-hidden />
        </button>
      )}
      <Popover anchor={anchor} open={open} onDismiss={() => setOpen(false)}>
        {open && <Found {...props} pick={pick} close={close} />}
      </Popover>
    </div>
  );
}

interface FoundProps extends FieldProps {
  pick(option: LiveOption): void;
  close(): void;
}

interface Listed {
  options: LiveOption[];
  after: string | null;
  state: 'loading' | 'ready' | 'failed';
}

/** The options that match the typed text, and a button for the next page. */
function useFound(draft: Draft, field: string, typed: string): Listed & { more(): void } {
  const [listed, setListed] = useState<Listed>({ options: [], after: null, state: 'loading' });
  // The field's own value must not restart the search.
  const asked = useRef({ draft, field });
  const read = (after: string | null, isCurrent: () => boolean): void => {
    readOptions(asked.current.draft, asked.current.field, typed.trim(), after).then(
      (page) =>
        isCurrent() &&
        setListed((before) => ({
          options: after === null ? page.options : [...before.options, ...page.options],
          after: page.after ?? null,
          state: 'ready',
        })),
      () => isCurrent() && setListed({ options: [], after: null, state: 'failed' }),
    );
  };
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => latest.current(null, () => current), TYPING_PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [typed]);
  return { ...listed, more: () => read(listed.after, () => true) };
}

function Found({ field, words, draft, pick, close }: FoundProps): ReactElement {
  const { t } = useTexts();
  const [typed, setTyped] = useState('');
  const found = useFound(draft, field.name, typed);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      event.preventDefault(); // not the form's
      if (found.options[0]) pick(found.options[0]);
    }
  };
  return (
    <div role="dialog" aria-label={words.label} onKeyDown={onKeyDown} className="hs-live-found">
      <input
        className="hs-input"
        type="search"
        autoFocus
        value={typed}
        aria-label={t('common.search')}
        placeholder={t('common.search')}
        onChange={({ target }) => setTyped(target.value)}
      />
      {found.state === 'failed' && (
        <p className="hs-option-none" role="alert">
          {t('workflow.optionsFailed')}
        </p>
      )}
      <OptionButtons label={words.label} found={found} pick={pick} />
      {found.after !== null && (
        <button type="button" className="hs-button hs-button-secondary hs-button-sm" onClick={found.more}>
          {t('workflow.more')}
        </button>
      )}
    </div>
  );
}

interface ButtonsProps {
  label: string;
  found: Listed;
  pick(option: LiveOption): void;
}

function OptionButtons({ label, found, pick }: ButtonsProps): ReactElement {
  const { t } = useTexts();
  return (
    <ul className="hs-options" aria-label={label}>
      {found.options.map((option) => (
        <li key={option.value}>
          <button type="button" className="hs-option" onClick={() => pick(option)}>
            <span>
              {option.label}
              {option.description && <small className="hs-muted"> {option.description}</small>}
            </span>
          </button>
        </li>
      ))}
      {found.state === 'ready' && found.options.length === 0 && (
        <li className="hs-option hs-option-none">{t('component.noOptions')}</li>
      )}
    </ul>
  );
}
