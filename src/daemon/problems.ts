import type { Logger } from 'pino';
import type { Problem } from '../protocol/index.js';
import type { EventBus } from './event-bus.js';

type Part = Problem['part'];

/** What is said when all is well again, where that is not "The <part> works again". */
const GOOD_AGAIN: { readonly [Name in Part]?: string } = {
  input: 'The microphone gives good sound again',
  sound: 'No sound was missed for a minute',
  clock: 'The clock of the machine was not set for a minute',
  connections: 'There is room for connections again',
  mqtt: 'The connection to the MQTT broker works again',
  captures: 'What is heard is kept again',
  state: 'Changes are kept again',
};

/** What is wrong with the daemon while it keeps running: in the log, on the bus and in the status. */
export class Problems {
  readonly #bus: EventBus;
  readonly #logger: Logger;
  readonly #problems = new Map<Part, string>();

  constructor(bus: EventBus, logger: Logger) {
    this.#bus = bus;
    this.#logger = logger;
  }

  list(): Problem[] {
    return [...this.#problems].map(([part, problem]) => ({ part, problem }));
  }

  /** @param problem in a sentence; null where there is none any more */
  set(part: Part, problem: string | null): void {
    if (problem === (this.#problems.get(part) ?? null)) return;
    if (problem === null) {
      this.#problems.delete(part);
      this.#logger.info({ part }, GOOD_AGAIN[part] ?? `The ${part} works again`);
    } else {
      this.#problems.set(part, problem);
      this.#logger.warn({ part }, problem.charAt(0).toUpperCase() + problem.slice(1));
    }
    this.#bus.publish({ type: 'problem', part, problem });
  }
}
