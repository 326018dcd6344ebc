/** A backend that answers what the test has put in line, and remembers what it was asked. */
import { ApiError } from '../errors';
import type { Api, CardData, Message, RecordRef, SendCommand, SendResult, SettingsData } from '../types';

type Answer<T> = T | ApiError | Promise<T | ApiError>;

/** Answers in order; the last one is repeated until there is another. */
class Line<Question, T> {
  readonly asked: Question[] = [];
  private readonly answers: Answer<T>[] = [];
  private last: Answer<T> | undefined;

  willAnswer(...answers: Answer<T>[]): void {
    this.answers.push(...answers);
  }

  async ask(question: Question): Promise<T> {
    this.asked.push(question);
    this.last = this.answers.shift() ?? this.last;
    if (this.last === undefined) throw new Error('The test has put no answer in line for this call.');
    const answer = await this.last;
    if (answer instanceof ApiError) throw answer;
    return answer;
  }
}

export class FakeApi implements Api {
  readonly cards = new Line<RecordRef, CardData>();
  readonly messages = new Line<string[], Message[]>();
  readonly sends = new Line<SendCommand, SendResult>();
  readonly settings = new Line<null, SettingsData>();
  readonly links = new Line<string, SettingsData>();

  openCard = (record: RecordRef) => this.cards.ask(record);
  readMessages = (ids: string[]) => this.messages.ask(ids);
  send = (command: SendCommand) => this.sends.ask(command);
  openSettings = () => this.settings.ask(null);
  linkAccount = (token: string) => this.links.ask(token);
}

/** An answer that the test gives when it wants to. */
export function pending<T>(): { answer: Promise<T | ApiError>; give: (value: T | ApiError) => void } {
  let give: (value: T | ApiError) => void = () => undefined;
  const answer = new Promise<T | ApiError>((resolve) => {
    give = resolve;
  });
  return { answer, give };
}

/** Lets everything that is already decided run its course, so that "nothing happens" can be checked. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
