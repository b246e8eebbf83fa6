import type { Consumer, Messages, StoredMessage } from './nats-client.js';

/** A request for messages that ends without any is made again. */
const EXPIRES_MS = 30_000;
/** After a failure, such as a consumer that is being moved. */
const REST_MS = 250;

/**
 * One worker's share of the windows of a group: it asks for as many as it has room for, so that one that is busy or hangs gets no more.
 * What it does not acknowledge in time, another one gets.
 */
export class SharedWindows {
  readonly #consumer: Consumer;
  readonly #most: number;
  readonly #onWindow: (message: StoredMessage, acknowledge: () => void) => void;
  /** Windows that came and were not acknowledged. */
  #held = 0;
  #onRoom: () => void = () => {};
  #messages: Messages | null = null;
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(
    consumer: Consumer,
    most: number,
    onWindow: (message: StoredMessage, acknowledge: () => void) => void,
  ) {
    this.#consumer = consumer;
    this.#most = most;
    this.#onWindow = onWindow;
    this.#running = this.#run();
  }

  /** Resolves when no more come. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#onRoom();
    await this.#messages?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      // All that is asked for together with all that is held is never more than the most.
      if (this.#held > this.#most / 2) {
        await new Promise<void>((resolve) => {
          this.#onRoom = resolve;
        });
        continue;
      }
      try {
        this.#messages = await this.#consumer.fetch({
          max_messages: this.#most - this.#held,
          expires: EXPIRES_MS,
        });
        if (this.#isOver) await this.#messages.close();
        for await (const message of this.#messages) this.#take(message);
      } catch {
        if (!this.#isOver) await new Promise((resolve) => setTimeout(resolve, REST_MS).unref());
      }
    }
  }

  #take(message: StoredMessage): void {
    this.#held++;
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held--;
      this.#onRoom();
    };
    this.#onWindow(message, () => {
      message.ack();
      release();
    });
  }
}
