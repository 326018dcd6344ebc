/** Links an SMSFactor account by its API token. The form drops the token as soon as the backend has it. */
import type { SettingsData } from '@connector/api';
import { errorText, useText } from '@connector/i18n';
import {
  Alert,
  Button,
  Flex,
  Form,
  Heading,
  Input,
  Link,
  LoadingButton,
  Text,
  useExtensionContext,
} from '@hubspot/ui-extensions';
import { useLinkAccount } from './useLinkAccount';

interface LinkFormProps {
  /** Whether an account is already linked; it stays linked until the new token is accepted. */
  replaces: boolean;
  onLinked: (now: SettingsData) => void;
  onCancel?: () => void;
}

export function LinkForm({ replaces, onLinked, onCancel }: LinkFormProps) {
  const { t } = useText();
  const { token, setToken, linking, error, link } = useLinkAccount(onLinked);
  return (
    <Form onSubmit={link} autoComplete="off">
      <Flex direction="column" gap="sm">
        <Heading>{replaces ? t('settings.link.change_title') : t('settings.link.title')}</Heading>
        <Guide />
        <Input
          name="token"
          type="password"
          label={t('settings.link.token')}
          description={replaces ? t('settings.link.keeps') : undefined}
          required
          readOnly={linking}
          value={token}
          onInput={setToken}
          onChange={setToken}
        />
        <Flex direction="row" gap="sm">
          <LoadingButton type="submit" variant="primary" loading={linking} disabled={!token.trim()}>
            {t('settings.link.submit')}
          </LoadingButton>
          {onCancel && <Button onClick={onCancel}>{t('common.cancel')}</Button>}
        </Flex>
        {error && (
          <Alert
            title={error.undecided ? t('settings.link.undecided_title') : t('settings.link.error_title')}
            variant={error.undecided ? 'warning' : 'danger'}
          >
            {errorText(error, 'link', t)}
          </Alert>
        )}
      </Flex>
    </Form>
  );
}

/** The help on finding the token. */
function Guide() {
  const { t } = useText();
  const { variables } = useExtensionContext<'settings'>();
  const platform = variables?.PLATFORM_URL;
  return (
    <Flex direction="column" gap="xs">
      <Text>{t('settings.link.where')}</Text>
      {typeof platform === 'string' && (
        <Link href={{ url: platform, external: true }}>{t('settings.link.platform')}</Link>
      )}
    </Flex>
  );
}
