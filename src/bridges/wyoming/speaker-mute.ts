import { SerialQueue } from '../../serial-queue.js';
import type { Service } from '../../service.js';

/** Longer than most answers: where the end of one is not reported, listening resumes by itself. */
const MOST_SECONDS = 60;

/**
 * Mutes the microphone while satellites play speech, so that what they say wakes nobody. Where someone else has muted it,
 * or does so meanwhile, that stands.
 */
export class SpeakerMute {
  readonly #service: Pick<Service, 'mute' | 'unmute' | 'status'>;
  readonly #playing = new Set<object>();
  /** One after the other, since muting takes until the microphone is released. */
  readonly #changes = new SerialQueue();
  /** Until when it is muted by this; null where it is not. */
  #until: string | null = null;

  constructor(service: Pick<Service, 'mute' | 'unmute' | 'status'>) {
    this.#service = service;
  }

  /** A satellite begins to play, or continues. */
  begin(satellite: object): void {
    this.#playing.add(satellite);
    void this.#changes.add(async () => {
      if (this.#playing.size === 0 || (this.#isMuted && !this.#isOurs)) return;
      this.#until = (await this.#service.mute(MOST_SECONDS)).mutedUntil;
    });
  }

  /** It has played all, or is gone. */
  end(satellite: object): void {
    if (!this.#playing.delete(satellite)) return;
    void this.#changes.add(() => {
      if (this.#playing.size > 0) return;
      if (this.#isMuted && this.#isOurs) this.#service.unmute();
      this.#until = null;
    });
  }

  /** Resolves when all that was asked for has been done. */
  settled(): Promise<void> {
    return this.#changes.settled();
  }

  get #isMuted(): boolean {
    return this.#service.status().input.state === 'muted';
  }

  get #isOurs(): boolean {
    return this.#until !== null && this.#service.status().input.mutedUntil === this.#until;
  }
}
