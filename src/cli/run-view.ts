import { isAbsolute, relative } from 'node:path';
import type { Config } from '../config/index.js';
import type { Daemon } from '../daemon/daemon.js';
import type { DaemonEvent, InputStatus } from '../protocol/index.js';
import { VERSION } from '../version.js';
import { eventText } from './event-text.js';
import { printable } from './printable.js';
import { styleOf } from './style.js';

/** How long the header waits to say what is listened to. */
const HEADER_WAIT_MS = 1000;

/** What `wakegate run` shows on a terminal: what it listens to and for, then a line for each detection. */
export class RunView {
  readonly #daemon: Daemon;
  readonly #config: Config;
  readonly #style = styleOf(process.stdout);
  #isHeaderPrinted = false;

  /** Before the daemon is started, so that nothing is missed. */
  constructor(daemon: Daemon, config: Config) {
    this.#daemon = daemon;
    this.#config = config;
    daemon.events.on('event', (event) => this.#show(event));
  }

  /** The daemon serves; what it listens to may take a moment. */
  started(): void {
    setTimeout(() => this.#printHeader(), HEADER_WAIT_MS).unref();
  }

  stopped(): void {
    this.#print('Stopped.');
  }

  #show(event: DaemonEvent): void {
    if (event.type === 'input' && event.state === 'opening') return;
    if (!this.#isHeaderPrinted) {
      this.#printHeader();
      if (event.type === 'input' && event.state === 'listening') return;
    }
    if (event.type === 'detection' || event.type === 'config') this.#print(eventText(event, this.#style));
    // What is wrong with the input is logged as a warning.
    if (event.type !== 'input' || event.state === 'lost' || event.problem !== null) return;
    const shown = { ...event, name: this.#inputName(event) };
    this.#print(eventText(shown, this.#style));
    if (event.state === 'ended') this.#print(this.#style.faint('Still serving; Ctrl-C stops it.'));
  }

  #printHeader(): void {
    if (this.#isHeaderPrinted) return;
    this.#isHeaderPrinted = true;
    const { input, keywords } = this.#daemon.status();
    const { strong, faint } = this.#style;
    const labels = keywords.filter(({ enabled }) => enabled).map(({ label }) => printable(label));
    this.#print(
      [
        '',
        strong(`wakegate ${VERSION}`),
        `  Listening to  ${this.#inputName(input)}`,
        `  ${input.name.startsWith('microphone') ? 'Say          ' : 'Keywords     '} ${strong(labels.join(', '))}`,
        `  Serving on    ${this.#daemon.url}`,
        faint('  Ctrl-C stops it; "wakegate help run" lists the settings.'),
        '',
      ].join('\n'),
    );
  }

  /** Paths as seen from here. */
  #inputName({ name, state }: Pick<InputStatus, 'name' | 'state'>): string {
    return printable(this.#shownName({ name, state }));
  }

  #shownName({ name, state }: Pick<InputStatus, 'name' | 'state'>): string {
    if (name === '-') return 'raw audio on stdin';
    if (state === 'opening') return `${name === 'auto' ? 'the microphone' : name}, as soon as it gives sound`;
    if (!isAbsolute(name)) return name;
    const path = relative(process.cwd(), name);
    const shown = path.startsWith('..') ? name : path;
    return this.#config.input === 'auto' ? `the sample ${shown} (no microphone was found)` : shown;
  }

  #print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
