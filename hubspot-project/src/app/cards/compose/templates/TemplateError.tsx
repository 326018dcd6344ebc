/** The error of an action on a template. */
import type { ApiError } from '@connector/api';
import { errorText, useText } from '@connector/i18n';
import { Alert } from '@hubspot/ui-extensions';

export function TemplateError({ error }: { error: ApiError | null }) {
  const { t } = useText();
  if (!error) return null;
  return (
    <Alert
      title={t(error.undecided ? 'compose.template.undecided_title' : 'compose.template.error_title')}
      variant="danger"
    >
      {errorText(error, 'template', t)}
    </Alert>
  );
}
