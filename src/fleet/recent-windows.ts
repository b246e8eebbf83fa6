/** What a worker remembers of a window: its answer, once there is one that stands, and how often it came. */
export interface RecentWindow {
  answer: Buffer | null;
  isUnderWay: boolean;
  times: number;
}

interface Recent {
  /** By the session of the satellite and the number of the window. */
  readonly windows: Map<string, RecentWindow>;
}

/** Windows of a satellite that are remembered: more than it may have under way. */
const MOST_WINDOWS = 64;
const MOST_SATELLITES = 4096;

/** The newest windows of each satellite, so that what comes twice is answered from memory, and what is replayed is noticed. */
export class RecentWindows {
  readonly #satellites = new Map<string, Recent>();

  /** @returns what is known of it, with this time counted */
  came(satellite: string, correlation: Buffer): RecentWindow {
    const recent = this.#satellites.get(satellite) ?? { windows: new Map() };
    // The ones that were heard of last are last.
    this.#satellites.delete(satellite);
    this.#satellites.set(satellite, recent);
    forgetFirst(this.#satellites, MOST_SATELLITES);
    const key = correlation.toString('latin1');
    const window = recent.windows.get(key) ?? { answer: null, isUnderWay: false, times: 0 };
    window.times++;
    recent.windows.set(key, window);
    forgetFirst(recent.windows, MOST_WINDOWS);
    return window;
  }
}

function forgetFirst<Key>(map: Map<Key, unknown>, most: number): void {
  if (map.size <= most) return;
  const [first] = map.keys();
  map.delete(first);
}
