import { useEffect, useMemo } from 'preact/hooks';
import { Signal } from '../signal.js';

/** Plays one piece of sound at a time. */
export class Player {
  readonly isPlaying = new Signal(false);
  /** In seconds. */
  readonly position = new Signal(0);
  readonly #audio = new Audio();
  #url: string | null = null;
  #frame = 0;

  constructor() {
    this.#audio.addEventListener('play', () => {
      this.isPlaying.value = true;
      this.#follow();
    });
    const stopped = () => {
      this.isPlaying.value = false;
      cancelAnimationFrame(this.#frame);
      this.position.value = this.#audio.ended ? 0 : this.#audio.currentTime;
    };
    this.#audio.addEventListener('pause', stopped);
    this.#audio.addEventListener('ended', stopped);
  }

  load(file: Blob | null): void {
    this.#audio.pause();
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = file && URL.createObjectURL(file);
    this.position.value = 0;
    if (this.#url === null) this.#audio.removeAttribute('src');
    else this.#audio.src = this.#url;
  }

  toggle(): void {
    if (this.#audio.paused)
      this.#audio.play().catch(() => {}); // another was loaded meanwhile
    else this.#audio.pause();
  }

  seek(seconds: number): void {
    this.#audio.currentTime = seconds;
    this.position.value = seconds;
  }

  readonly #follow = (): void => {
    this.position.value = this.#audio.currentTime;
    this.#frame = requestAnimationFrame(this.#follow);
  };
}

/** A player with that sound in it, for as long as the component is there. */
export function usePlayer(file: Blob | null): Player {
  const player = useMemo(() => new Player(), []);
  useEffect(() => player.load(file), [file]);
  useEffect(() => () => player.load(null), []);
  return player;
}
