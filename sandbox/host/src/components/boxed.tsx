// Draws unsupported SDK components as a labelled box with their children, so that nothing disappears silently.

import type { ReactElement, ReactNode } from 'react';
import { useScope } from '../extension/scope';
import { root } from './root';

/** The list is by name, so that a new SDK component fails the contract test instead of landing here unnoticed. */
export const BOXED = [
  'BarChart',
  'Center',
  'CrmActionButton',
  'CrmActionLink',
  'CrmAssociationPivot',
  'CrmAssociationPropertyList',
  'CrmAssociationStageTracker',
  'CrmAssociationTable',
  'CrmCardActions',
  'CrmDataHighlight',
  'CrmPropertyList',
  'CrmReport',
  'CrmSimpleDeadline',
  'CrmStageTracker',
  'CrmStatistics',
  'CurrencyInput',
  'ExpandableText',
  'ExperimentalAutoGrid',
  'ExperimentalBox',
  'ExperimentalButton',
  'ExperimentalButtonRow',
  'ExperimentalCheckbox',
  'ExperimentalCurrencyInput',
  'ExperimentalDateInput',
  'ExperimentalFlex',
  'ExperimentalInline',
  'ExperimentalInput',
  'ExperimentalLoadingButton',
  'ExperimentalMultiSelect',
  'ExperimentalNumberInput',
  'ExperimentalRadioButton',
  'ExperimentalSearchInput',
  'ExperimentalSelect',
  'ExperimentalStepperInput',
  'ExperimentalTextArea',
  'ExperimentalTimeInput',
  'ExperimentalToggle',
  'FileInput',
  'FileUpload',
  'FileViewer',
  'Grid',
  'GridItem',
  'HeaderActions',
  'Iframe',
  'LineChart',
  'MediaObject',
  'PageBreadcrumbs',
  'PageBreadcrumbsCurrent',
  'PageBreadcrumbsPageLink',
  'PageHeader',
  'PageHeaderLink',
  'PageHeaderPageLink',
  'PageHeaderPrimaryAction',
  'PageHeaderSecondaryActions',
  'PageLink',
  'PageTitle',
  'PrimaryHeaderActionButton',
  'ScoreCircle',
  'SecondaryHeaderActionButton',
  'SettingsView',
  'Stack2',
  'StepperInput',
] as const;

export function Boxed({
  name,
  testId,
  children,
}: {
  name: string;
  testId?: string;
  children?: ReactNode;
}): ReactElement {
  const { t } = useScope().texts;
  return (
    <div {...root(name, { testId })} className="hs-boxed">
      <span className="hs-boxed-label">{t('extension.boxed', { name })}</span>
      {children}
    </div>
  );
}
