// Label, description, tooltip and message around an input, with the ids that tie them together.

import { useId, type ReactElement, type ReactNode } from 'react';
import { useScope } from '../../extension/scope';
import { classes, root } from '../root';
import { FieldTooltip } from '../overlays/tooltips';

export interface FieldTexts {
  testId?: string;
  label?: string;
  required?: boolean;
  description?: string;
  tooltip?: string;
  error?: boolean;
  validationMessage?: string;
}

/** The attributes for the input element. */
export interface InputIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
  'aria-required': boolean | undefined;
}

interface FieldFrameProps {
  name: string;
  texts: FieldTexts;
  children: (ids: InputIds) => ReactNode;
}

export function FieldFrame({ name, texts, children }: FieldFrameProps): ReactElement {
  const id = useId();
  const { texts: words } = useScope();
  const described = [texts.description && `${id}-description`, texts.validationMessage && `${id}-message`];
  const ids: InputIds = {
    id,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': texts.error || undefined,
    'aria-required': texts.required || undefined,
  };
  return (
    <div {...root(name, texts)} className={classes('hs-field', texts.error && 'hs-field-error')}>
      {texts.label && (
        <div className="hs-field-label">
          <label htmlFor={id}>{texts.label}</label>
          {texts.required && (
            <span className="hs-required" title={words.t('common.required')} aria-hidden>
              *
            </span>
          )}
          {texts.tooltip && <FieldTooltip text={texts.tooltip} />}
        </div>
      )}
      {texts.description && (
        <div id={`${id}-description`} className="hs-field-description">
          {texts.description}
        </div>
      )}
      {children(ids)}
      <FieldMessage id={`${id}-message`} error={texts.error} text={texts.validationMessage} />
    </div>
  );
}

export function FieldMessage({
  id,
  error,
  text,
}: {
  id: string;
  error?: boolean;
  text?: string;
}): ReactElement | null {
  if (!text) return null;
  return (
    <div id={id} className={classes('hs-field-message', error && 'hs-field-message-error')}>
      {text}
    </div>
  );
}
