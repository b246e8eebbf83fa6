import { rm } from 'node:fs/promises';
import type { Label } from '../protocol/index.js';
import { LabelSchema } from '../protocol/schemas/captures.js';
import { readRegularFile } from '../read-text.js';
import { replaceFile } from '../replace-file.js';
import { Checker, Type } from '../schema/index.js';

/** Far more than as many labels take as there are captures. */
const MOST_BYTES = 4 * 1024 * 1024;

const CHECKER = new Checker(Type.Record(Type.String(), LabelSchema), { mostKeys: 20_000 });

/**
 * Labels of many captures that were set at once: all are in one file, by one write, until each is in its capture's own. So whoever labels
 * hundreds of captures neither waits for as many writes nor wears out a card, and a power cut loses none.
 */
export class PendingLabels {
  readonly #file: string;
  readonly #labels = new Map<string, Label>();
  /** Whether the file is there. */
  #isWritten = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whether labels have to go through it, since older ones may be in the file. */
  get isInUse(): boolean {
    return this.#isWritten;
  }

  /** What an earlier process has left. @returns labels by the id of their capture */
  async read(): Promise<ReadonlyMap<string, Label>> {
    try {
      const checked = CHECKER.check(JSON.parse((await readRegularFile(this.#file, MOST_BYTES)).toString()));
      this.#isWritten = true;
      if (checked.ok) for (const [id, label] of Object.entries(checked.value)) this.#labels.set(id, label);
    } catch {
      // There are none, or none that can be read.
    }
    return this.#labels;
  }

  /** Keeps them, by one write. */
  async add(labels: ReadonlyMap<string, Label>): Promise<void> {
    const all = new Map([...this.#labels, ...labels]);
    await replaceFile(this.#file, `${JSON.stringify(Object.fromEntries(all))}\n`);
    this.#isWritten = true;
    for (const [id, label] of labels) this.#labels.set(id, label);
  }

  /** The id of a capture whose own file is to be written; undefined where there is none. */
  next(): string | undefined {
    return this.#labels.keys().next().value;
  }

  /** The capture's own file has it, or the capture is gone. With the last one the file goes. */
  async done(id: string): Promise<void> {
    this.#labels.delete(id);
    if (this.#labels.size > 0 || !this.#isWritten) return;
    await rm(this.#file, { force: true, recursive: true });
    this.#isWritten = false;
  }
}
