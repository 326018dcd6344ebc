/** A backend that gives the test's prepared answers and records its calls. */
import { ApiError } from '../errors';
import type {
  Api,
  CardData,
  ConsentCommand,
  CrmProperty,
  DraftCommand,
  HeldCommand,
  Message,
  MessageCommand,
  OptOutCommand,
  Outgoing,
  OutgoingLimits,
  Preferences,
  Preview,
  RecordRef,
  SendCommand,
  SendResult,
  SettingsData,
  StoredDraft,
  Template,
  TemplateContent,
} from '../types';

type Answer<T> = T | ApiError | Promise<T | ApiError>;

/** Answers in order; the last one is repeated until the test adds another. */
class Line<Question, T> {
  readonly asked: Question[] = [];
  private readonly answers: Answer<T>[] = [];
  private last: Answer<T> | undefined;

  willAnswer(...answers: Answer<T>[]): void {
    this.answers.push(...answers);
  }

  async ask(question: Question): Promise<T> {
    this.asked.push(question);
    if (this.answers.length) this.last = this.answers.shift();
    if (this.last === undefined) throw new Error('The test has put no answer in line for this call.');
    const answer = await this.last;
    if (answer instanceof ApiError) throw answer;
    return answer;
  }
}

export class FakeApi implements Api {
  readonly cards = new Line<RecordRef, CardData>();
  readonly messages = new Line<string[], Message[]>();
  readonly properties = new Line<string, CrmProperty[]>();
  readonly previews = new Line<MessageCommand, Preview>();
  readonly sends = new Line<SendCommand, SendResult>();
  readonly cancels = new Line<string, Message>();
  readonly heldSends = new Line<HeldCommand, Message>();
  readonly reads = new Line<RecordRef, null>();
  readonly drafts = new Line<RecordRef, StoredDraft | null>();
  readonly draftSaves = new Line<DraftCommand, boolean>();
  readonly consents = new Line<ConsentCommand, null>();
  readonly optOuts = new Line<OptOutCommand, null>();
  readonly templates = new Line<null, Template[]>();
  readonly templateSaves = new Line<{ name: string; content: TemplateContent }, Template>();
  readonly templateUpdates = new Line<{ id: string; version: number; content: TemplateContent }, Template>();
  readonly templateRenames = new Line<{ id: string; name: string }, Template>();
  readonly templateDeletes = new Line<string, null>();
  readonly settings = new Line<null, SettingsData>();
  readonly links = new Line<string, SettingsData>();
  readonly preferences = new Line<null, Preferences>();
  readonly preferenceSaves = new Line<Preferences, Preferences>();
  readonly outgoing = new Line<null, Outgoing>();
  readonly outgoingLimits = new Line<OutgoingLimits, Outgoing>();
  readonly pauses = new Line<null, Outgoing>();
  readonly resumes = new Line<null, Outgoing>();

  openCard = (record: RecordRef) => this.cards.ask(record);
  readMessages = (ids: string[]) => this.messages.ask(ids);
  listProperties = (objectTypeId: string) => this.properties.ask(objectTypeId);
  preview = (command: MessageCommand) => this.previews.ask(command);
  send = (command: SendCommand) => this.sends.ask(command);
  cancelMessage = (id: string) => this.cancels.ask(id);
  sendHeld = (command: HeldCommand) => this.heldSends.ask(command);
  markRead = async (record: RecordRef) => void (await this.reads.ask(record));
  readDraft = (record: RecordRef) => this.drafts.ask(record);
  saveDraft = (command: DraftCommand) => this.draftSaves.ask(command);
  recordConsent = async (command: ConsentCommand) => void (await this.consents.ask(command));
  recordOptOut = async (command: OptOutCommand) => void (await this.optOuts.ask(command));
  listTemplates = () => this.templates.ask(null);
  saveTemplate = (name: string, content: TemplateContent) => this.templateSaves.ask({ name, content });
  updateTemplate = (id: string, version: number, content: TemplateContent) =>
    this.templateUpdates.ask({ id, version, content });
  renameTemplate = (id: string, name: string) => this.templateRenames.ask({ id, name });
  deleteTemplate = async (id: string) => void (await this.templateDeletes.ask(id));
  openSettings = () => this.settings.ask(null);
  linkAccount = (token: string) => this.links.ask(token);
  readPreferences = () => this.preferences.ask(null);
  savePreferences = (preferences: Preferences) => this.preferenceSaves.ask(preferences);
  readOutgoing = () => this.outgoing.ask(null);
  limitOutgoing = (limits: OutgoingLimits) => this.outgoingLimits.ask(limits);
  pauseOutgoing = () => this.pauses.ask(null);
  resumeOutgoing = () => this.resumes.ask(null);
}

/** An answer that the test gives at a moment of its choice. */
export function pending<T>(): { answer: Promise<T | ApiError>; give: (value: T | ApiError) => void } {
  let give: (value: T | ApiError) => void = () => undefined;
  const answer = new Promise<T | ApiError>((resolve) => {
    give = resolve;
  });
  return { answer, give };
}

/** Lets all pending promises settle, so that a test can check that nothing happens. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
