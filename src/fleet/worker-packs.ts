import { InstalledPacks, MODELS_DIRECTORY, type ModelPack, readPack } from '../model/index.js';
import { fingerprintText } from './topics.js';

/** The model packs that a worker answers for, by fingerprint. Found in folders, and found again when they change. */
export class WorkerPacks {
  readonly #folders: readonly string[];
  readonly #onUnusable: (directory: string, problem: string) => void;
  #packs = new Map<string, ModelPack>();
  /** By directory: each is said once. */
  readonly #problems = new Map<string, string>();

  /**
   * @param folders whose subfolders are packs, in addition to those that come with wakegate
   * @param onUnusable takes a folder whose pack cannot be used, and why
   */
  constructor(folders: readonly string[], onUnusable: (directory: string, problem: string) => void) {
    this.#folders = folders;
    this.#onUnusable = onUnusable;
  }

  get all(): ReadonlyMap<string, ModelPack> {
    return this.#packs;
  }

  /** Where packs are looked for, for people. */
  get places(): string {
    return [...this.#folders, MODELS_DIRECTORY].join(' or ');
  }

  /** Looks for packs that were not there before. @returns the new ones */
  async find(): Promise<ModelPack[]> {
    const found: ModelPack[] = [];
    // A pack of a folder is found next to any other name in it.
    const folders = this.#folders.length === 0 ? [MODELS_DIRECTORY] : this.#folders;
    const known = new Set([...this.#packs.values()].map(({ directory }) => directory));
    for (const folder of folders) {
      for (const { directory, problem } of await new InstalledPacks(`${folder}/any`).list()) {
        if (known.has(directory)) continue;
        known.add(directory);
        if (problem !== null) {
          this.#complain(directory, problem);
          continue;
        }
        try {
          const pack = await readPack(directory);
          const fingerprint = fingerprintText(pack.fingerprint);
          if (this.#packs.has(fingerprint)) continue;
          this.#packs.set(fingerprint, pack);
          found.push(pack);
        } catch (error) {
          this.#complain(directory, (error as Error).message);
        }
      }
    }
    return found;
  }

  #complain(directory: string, problem: string): void {
    if (this.#problems.get(directory) === problem) return;
    this.#problems.set(directory, problem);
    this.#onUnusable(directory, problem);
  }
}
