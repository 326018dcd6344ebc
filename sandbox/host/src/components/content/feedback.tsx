// Messages and states: alerts, empty and error states, spinners, progress, tags.

import type {
  AlertProps,
  EmptyStateProps,
  ErrorStateProps,
  LoadingSpinnerProps,
  ProgressBarProps,
  StatusTagProps,
  StepIndicatorProps,
  TagProps,
} from '@hubspot/ui-extensions';
import {
  Check,
  CircleAlert,
  CircleCheck,
  Info,
  Lightbulb,
  LifeBuoy,
  Lock,
  TriangleAlert,
  X,
  type LucideIcon,
} from 'lucide-react';
import type { ReactElement } from 'react';
import { extensionEvent, useScope } from '../../extension/scope';
import type { TextKey } from '../../texts';
import { Illustration } from './illustration';
import { useOverlaySlot } from '../actions/links';
import { classes, root, size } from '../root';
import { WithTooltip } from '../overlays/tooltips';

interface AlertLook {
  icon: LucideIcon;
  word: TextKey;
  urgent: boolean;
}

const PLAIN_ALERT: AlertLook = { icon: Info, word: 'component.info', urgent: false };

const ALERTS: Record<string, AlertLook> = {
  info: PLAIN_ALERT,
  tip: { icon: Lightbulb, word: 'component.tip', urgent: false },
  success: { icon: CircleCheck, word: 'component.success', urgent: false },
  warning: { icon: TriangleAlert, word: 'component.warning', urgent: true },
  error: { icon: CircleAlert, word: 'component.error', urgent: true },
  danger: { icon: CircleAlert, word: 'component.error', urgent: true },
};

export function Alert(props: AlertProps): ReactElement {
  const { t } = useScope().texts;
  const variant = props.variant ?? 'info';
  const { icon: Glyph, word, urgent } = ALERTS[variant] ?? PLAIN_ALERT;
  return (
    <div
      {...root('Alert', props)}
      role={urgent ? 'alert' : 'status'}
      className={classes('hs-alert', `hs-alert-${variant}`)}
    >
      <Glyph className="hs-alert-icon" aria-label={t(word)} role="img" />
      <div className="hs-alert-body">
        <div className="hs-alert-title">{props.title}</div>
        {props.children && <div>{props.children}</div>}
      </div>
    </div>
  );
}

export function EmptyState(props: EmptyStateProps): ReactElement {
  const horizontal = (props.layout ?? 'horizontal') === 'horizontal';
  const className = classes(
    'hs-empty',
    horizontal ? 'hs-empty-horizontal' : 'hs-empty-vertical',
    props.reverseOrder && 'hs-empty-reverse',
    props.flush && 'hs-empty-flush',
  );
  return (
    <div {...root('EmptyState', props)} className={className}>
      <div className="hs-empty-text">
        {props.title && <h3 className="hs-heading">{props.title}</h3>}
        <div>{props.children}</div>
      </div>
      <Illustration name={props.imageName ?? 'building'} width={props.imageWidth ?? 120} />
    </div>
  );
}

const ERROR_ICONS: Record<string, LucideIcon> = {
  error: CircleAlert,
  support: LifeBuoy,
  lock: Lock,
};

export function ErrorState(props: ErrorStateProps): ReactElement {
  const { t } = useScope().texts;
  const Glyph = ERROR_ICONS[props.type ?? 'error'] ?? CircleAlert;
  return (
    <div {...root('ErrorState', props)} role="alert" className="hs-error-state">
      <Glyph aria-hidden className="hs-error-state-icon" />
      <h3 className="hs-heading">{props.title ?? t('component.error')}</h3>
      <div>{props.children}</div>
    </div>
  );
}

export function LoadingSpinner(props: LoadingSpinnerProps): ReactElement {
  const className = classes('hs-loading', `hs-loading-${props.layout ?? 'inline'}`);
  return (
    <div {...root('LoadingSpinner', props)} className={className} role="status" aria-label={props.label}>
      <span className={classes('hs-spinner', `hs-spinner-${size(props.size, 'sm')}`)} aria-hidden />
      {props.showLabel && <span aria-hidden>{props.label}</span>}
    </div>
  );
}

export function ProgressBar(props: ProgressBarProps): ReactElement {
  const max = props.maxValue ?? props.valueMax ?? 100;
  const value = Math.min(Math.max(props.value ?? 0, 0), max);
  const percent = max > 0 ? Math.round((value / max) * 100) : 0;
  return (
    <div {...root('ProgressBar', props)} className="hs-progress">
      {(props.title || props.valueDescription) && (
        <div className="hs-progress-head">
          <strong>{props.title}</strong>
          <span>{props.valueDescription}</span>
        </div>
      )}
      <div className="hs-progress-row">
        <div
          role="progressbar"
          aria-label={props['aria-label'] ?? props.title}
          aria-valuenow={value}
          aria-valuemin={0}
          aria-valuemax={max}
          className={classes('hs-progress-track', `hs-progress-${props.variant ?? 'default'}`)}
        >
          <span style={{ width: `${percent}%` }} />
        </div>
        {props.showPercentage && <span>{percent} %</span>}
      </div>
    </div>
  );
}

export function StatusTag(props: StatusTagProps): ReactElement {
  const { t } = useScope().texts;
  const className = classes(
    'hs-status',
    `hs-status-${props.variant ?? 'default'}`,
    props.hollow && 'hs-status-hollow',
  );
  const face = (
    <>
      <span className="hs-status-dot" aria-hidden />
      {props.children}
    </>
  );
  return (
    <span {...root('StatusTag', props)} className={className}>
      {props.onClick ? (
        <button type="button" className="hs-plain-button" onClick={() => props.onClick?.()}>
          {face}
        </button>
      ) : (
        face
      )}
      {props.showRemoveIcon && (
        <button
          type="button"
          className="hs-tag-remove"
          aria-label={t('common.remove')}
          onClick={() => props.onRemoveClick?.()}
        >
          <X aria-hidden />
        </button>
      )}
    </span>
  );
}

export function Tag(props: TagProps): ReactElement {
  const { reactions } = useScope();
  const overlay = useOverlaySlot(props.overlay);
  const className = classes('hs-tag', `hs-tag-${props.variant ?? 'default'}`);
  const clickable = props.onClick !== undefined || props.overlay !== undefined;
  const press = (event: React.MouseEvent): void => {
    void props.onClick?.(extensionEvent(event) as never, reactions);
    overlay.open();
  };
  return (
    <>
      <WithTooltip slot={overlay}>
        {(attributes) =>
          clickable ? (
            <button
              {...root('Tag', props)}
              {...attributes}
              type="button"
              className={className}
              onClick={press}
            >
              {props.children}
            </button>
          ) : (
            <span {...root('Tag', props)} {...attributes} className={className}>
              {props.children}
            </span>
          )
        }
      </WithTooltip>
      {overlay.slot}
    </>
  );
}

export function StepIndicator(props: StepIndicatorProps): ReactElement {
  const { t } = useScope().texts;
  const current = props.currentStep ?? 0;
  const compact = props.variant === 'compact';
  return (
    <ol
      {...root('StepIndicator', props)}
      className={classes('hs-steps', `hs-steps-${props.direction ?? 'horizontal'}`)}
    >
      {props.stepNames.map((name, index) => {
        const state = index < current ? 'done' : index === current ? 'current' : 'todo';
        const label = t('component.step', { number: index + 1, name });
        const circle = (
          <span className="hs-step-circle" aria-hidden>
            {state === 'done' ? <Check /> : index + 1}
          </span>
        );
        return (
          <li
            key={name}
            className={`hs-step hs-step-${state}`}
            aria-current={state === 'current' ? 'step' : undefined}
          >
            {props.onClick ? (
              <button
                type="button"
                className="hs-plain-button"
                aria-label={label}
                onClick={() => props.onClick?.(index)}
              >
                {circle}
              </button>
            ) : (
              circle
            )}
            {(!compact || state === 'current') && <span className="hs-step-name">{name}</span>}
          </li>
        );
      })}
    </ol>
  );
}
