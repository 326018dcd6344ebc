/** Every wrong answer must end as an ApiError, never as data. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from './api';
import { ApiError } from './errors';
import { aCard, aMessage, aPreview, aStoredDraft, aTemplate, somePreferences } from './testing';

const record = { object_type_id: '0-1', object_id: '501' };
const hsFetch = vi.fn<(url: string, options: Record<string, unknown>) => Promise<Response>>();

beforeEach(() => {
  hsFetch.mockReset();
  // hubspot.fetch hands over to this global of HubSpot's worker.
  vi.stubGlobal('self', { hsFetch });
});
afterEach(() => vi.unstubAllGlobals());

const api = createApi('https://connector.example');

function answers(body: unknown, status = 200): void {
  hsFetch.mockResolvedValue(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }));
}

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const outcome = await call.catch((thrown: unknown) => thrown);
  expect(outcome).toBeInstanceOf(ApiError);
  return outcome as ApiError;
}

describe('a call', () => {
  it('posts JSON to the backend, within the time HubSpot allows, and hands the data over', async () => {
    const card = aCard({ messages: [aMessage()] });
    answers({ ok: true, data: card });
    await expect(api.openCard(record)).resolves.toEqual(card);
    const [url, options] = hsFetch.mock.calls[0] ?? [];
    expect(url).toBe('https://connector.example/view/card/open');
    expect(options).toMatchObject({ method: 'POST', body: record });
    expect(options).not.toHaveProperty('headers');
    expect(options?.timeout).toBeLessThan(15_000);
  });

  it('throws the backend’s refusal with its code and params', async () => {
    answers({ ok: false, error: { code: 'text_too_long', params: { parts: 12, max: 10 } } });
    const error = await failure(api.openCard(record));
    expect(error).toMatchObject({ code: 'text_too_long', params: { parts: 12, max: 10 }, undecided: false });
  });

  it('throws the code of a caller that was not believed', async () => {
    answers({ error: { code: 'forbidden', params: {} } }, 403);
    expect(await failure(api.openCard(record))).toMatchObject({ code: 'forbidden', undecided: false });
  });

  it('throws the code inside what HubSpot’s proxy wraps in a 200', async () => {
    const responseBody = JSON.stringify({ error: { code: 'forbidden', params: {} } });
    answers({
      status: 'error',
      category: 'BAD_GATEWAY',
      context: { appServerStatusCode: ['403'] },
      responseBody,
    });
    expect((await failure(api.openCard(record))).code).toBe('forbidden');
  });

  it.each([
    ['a wrapped failure without a readable body', { status: 'error', responseBody: '<html>503</html>' }, 200],
    ['a wrapped failure without a body', { status: 'error', category: 'RATE_LIMITS' }, 200],
    ['a failure of the backend', 'Service Unavailable', 503],
    ['a failure that looks like success', { ok: true, data: aCard() }, 500],
    ['an answer that is not JSON', '<html></html>', 200],
    ['an answer without a verdict', { data: aCard() }, 200],
    ['an answer of another shape', { ok: true, data: { numbers: 'none' } }, 200],
    [
      'an unsafe report link',
      { ok: true, data: aCard({ messages: [aMessage({ report_url: 'javascript:0' })] }) },
      200,
    ],
  ])('is unreachable for %s', async (_case, body, status) => {
    vi.spyOn(console, 'error').mockReturnValue();
    answers(body, status);
    expect(await failure(api.openCard(record))).toMatchObject({ code: 'unreachable', undecided: true });
  });

  it('is unreachable when the call itself fails', async () => {
    hsFetch.mockRejectedValue(new TypeError('network'));
    expect((await failure(api.linkAccount('token'))).code).toBe('unreachable');
  });

  it('logs which field of an answer was wrong, and no value', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    answers({ ok: true, data: { ...aCard(), sent_count: 'secret' } });
    await failure(api.openCard(record));
    expect(log).toHaveBeenCalledWith('Unreadable answer of /card/open: sent_count');
  });
});

describe('words this version does not know', () => {
  it('do not fail the card', async () => {
    answers({ ok: true, data: { ...aCard(), messages: [{ ...aMessage(), status: 'teleported' }] } });
    expect((await api.openCard(record)).messages[0]?.status).toBe('other');
  });

  it('are kept as codes', async () => {
    answers({ ok: false, error: { code: 'quota_of_2030' } });
    expect(await failure(api.openCard(record))).toMatchObject({ code: 'quota_of_2030', params: {} });
  });
});

describe('every call', () => {
  const template = aTemplate();
  const { text, links, push_type, sender, unicode } = template;
  const content = { text, links, push_type, sender, unicode };
  const command = {
    ...{ ...record, property: 'phone', number_object_type_id: '0-1', number_object_id: '501' },
    ...{
      recipient: '+33612345678',
      push_type: 'alert' as const,
      sender: null,
      unicode: false,
      removes_special: false,
    },
    ...{ text: 'Bonjour', links: [], send_at: null },
  };
  const sent = { ...command, idempotency_key: 'key', template_id: null, may_repeat: false };
  const held = {
    ...record,
    ...{ id: 'm', property: 'mobilephone', number_object_type_id: '0-1', number_object_id: '1' },
    recipient: '+33612345678',
  };
  const drafted = { ...record, written_at: '2026-11-23T09:00:00.000Z', draft: aStoredDraft() };
  const preferences = somePreferences();

  it.each([
    ['listProperties', '/card/properties', { object_type_id: '0-1' }, { properties: [] }, []],
    ['preview', '/card/preview', command, aPreview(), aPreview()],
    ['cancelMessage', '/card/cancel', { id: 'm' }, { message: aMessage() }, aMessage()],
    ['markRead', '/card/mark-read', record, {}, undefined],
    ['listTemplates', '/templates/list', {}, { templates: [template] }, [template]],
    ['saveTemplate', '/templates/save', { name: 'A', ...content }, { template }, template],
    ['updateTemplate', '/templates/update', { id: 't', version: 3, ...content }, { template }, template],
    ['renameTemplate', '/templates/rename', { id: 't', name: 'A' }, { template }, template],
    ['deleteTemplate', '/templates/delete', { id: 't' }, {}, undefined],
    ['readPreferences', '/settings/preferences', {}, { preferences }, preferences],
    ['savePreferences', '/settings/save-preferences', preferences, { preferences }, preferences],
    ['send', '/card/send', sent, { message: aMessage(), repeated: false }, expect.anything()],
    ['sendHeld', '/card/send-held', held, { message: aMessage() }, expect.anything()],
    ['readDraft', '/card/draft', record, { draft: null, written_at: null }, null],
    ['saveDraft', '/card/save-draft', drafted, { is_newest: true }, true],
    ['recordConsent', '/card/record-consent', { ...record, recipient: '+33', reason: 'oui' }, {}, undefined],
    ['recordOptOut', '/card/record-opt-out', { ...record, recipient: '+33', reason: '' }, {}, undefined],
  ] as const)('%s asks %s', async (name, path, body, data, expected) => {
    answers({ ok: true, data });
    const calls = {
      listProperties: () => api.listProperties('0-1'),
      preview: () => api.preview(command),
      cancelMessage: () => api.cancelMessage('m'),
      markRead: () => api.markRead(record),
      listTemplates: () => api.listTemplates(),
      saveTemplate: () => api.saveTemplate('A', content),
      updateTemplate: () => api.updateTemplate('t', 3, content),
      renameTemplate: () => api.renameTemplate('t', 'A'),
      deleteTemplate: () => api.deleteTemplate('t'),
      readPreferences: () => api.readPreferences(),
      savePreferences: () => api.savePreferences(preferences),
      send: () => api.send(sent),
      sendHeld: () => api.sendHeld(held),
      readDraft: () => api.readDraft(record),
      saveDraft: () => api.saveDraft(drafted),
      recordConsent: () => api.recordConsent({ ...record, recipient: '+33', reason: 'oui' }),
      recordOptOut: () => api.recordOptOut({ ...record, recipient: '+33', reason: '' }),
    };
    await expect(calls[name]()).resolves.toEqual(expected);
    expect(hsFetch.mock.calls[0]?.[0]).toBe(`https://connector.example/view${path}`);
    expect(hsFetch.mock.calls[0]?.[1]?.body).toEqual(body);
  });

  it('asks for templates until there are no more', async () => {
    const [first, second, third] = ['a', 'b', 'c'].map((id) => aTemplate({ id }));
    const place = { after_name: 'Anniversaire', after_id: 'a' };
    const renamed = { ...second, name: 'Zèbre' };
    answers({ ok: true, data: { templates: [third, renamed], next: null } });
    const before = { ok: true, data: { templates: [first, second], next: place } };
    hsFetch.mockResolvedValueOnce(new Response(JSON.stringify(before)));
    await expect(api.listTemplates()).resolves.toEqual([first, renamed, third]);
    expect(hsFetch.mock.calls.map(([, options]) => options?.body)).toEqual([{}, place]);
  });

  it('takes a user’s id as text, however it is written', async () => {
    answers({
      ok: true,
      data: {
        templates: [
          { ...template, updated_by: 77 },
          { ...template, id: 'another', updated_by: null },
        ],
      },
    });
    const ids = (await api.listTemplates()).map(({ updated_by }) => updated_by);
    expect(ids).toEqual(['77', null]);
  });
});
