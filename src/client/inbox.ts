/** What has come and was not asked for yet. */
export class Inbox<Message> {
  #messages: Message[] = [];
  #over = false;
  #error: unknown;
  #wake: () => void = () => {};

  put(message: Message): void {
    this.#messages.push(message);
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
  }

  /** What comes first holds: after the end nothing is a fault. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#error = error;
    this.end();
  }

  async *messages(): AsyncGenerator<Message, void> {
    for (;;) {
      yield* this.#messages.splice(0);
      if (this.#messages.length > 0) continue;
      if (this.#over) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error !== undefined) throw this.#error;
  }
}
