// Manages the open panels and modals of one extension. Buttons, reactions and actions share the manager.

export class OverlayManager {
  #open: readonly string[] = [];
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Ids of the open overlays, the topmost last. */
  readonly openIds = (): readonly string[] => this.#open;

  readonly open = (id: string): void => {
    if (!this.#open.includes(id)) this.#change([...this.#open, id]);
  };

  readonly close = (id: string): void => {
    if (this.#open.includes(id)) this.#change(this.#open.filter((other) => other !== id));
  };

  #change(ids: readonly string[]): void {
    this.#open = ids;
    this.#listeners.forEach((listener) => listener());
  }
}
