import { readFileSync } from 'node:fs';

/** How CPU time is turned into energy. */
export interface EnergyBasis {
  /** Named next to every figure that is made with it: `profile:pi-zero-2w`. */
  readonly name: string;
  /** True where the figure is for another machine than the one that was measured. */
  readonly asIf: boolean;
  /** What the figure means, in a sentence for people. */
  readonly how: string;
  /** Energy over idle, in millijoules, of this much CPU time. */
  energyMj(cpuMs: number): number;
  /** To be called now and then by who listens, so that it can read what it measures by; there is no timer. */
  heard?(nowMs: number): void;
}

interface BoardProfile {
  readonly id: string;
  readonly board: string;
  /** Matched against the device tree's model. */
  readonly model: RegExp;
  readonly idleW: number;
  readonly busyW: number;
  readonly cores: number;
}

/** Of the board, all cores busy: 2.1 W; idle: 0.6 W (120 mA at 5 V, cnx-software.com, 9 December 2021). */
const PI_ZERO_2W: BoardProfile = {
  id: 'pi-zero-2w',
  board: 'Raspberry Pi Zero 2 W',
  model: /^Raspberry Pi Zero 2 W\b/,
  idleW: 0.6,
  busyW: 2.1,
  cores: 4,
};

/**
 * The whole board, as others have published it. Sources differ: one has 2.2 and 5.4 W for the 4B. A Raspberry Pi 5 measures
 * itself, see measured-basis.ts.
 */
const PROFILES: readonly BoardProfile[] = [
  PI_ZERO_2W,
  {
    id: 'pi-3b',
    board: 'Raspberry Pi 3B',
    model: /^Raspberry Pi 3 Model B(?! Plus)\b/,
    idleW: 1.4,
    busyW: 3.7,
    cores: 4,
  },
  {
    id: 'pi-3b-plus',
    board: 'Raspberry Pi 3B+',
    model: /^Raspberry Pi 3 Model B Plus\b/,
    idleW: 1.9,
    busyW: 5.1,
    cores: 4,
  },
  {
    id: 'pi-4b',
    board: 'Raspberry Pi 4B',
    model: /^Raspberry Pi 4 Model B\b/,
    idleW: 2.7,
    busyW: 6.4,
    cores: 4,
  },
];

/**
 * The profile of the board that this machine is. Any other machine is priced as if it were a Raspberry Pi Zero 2 W, and the
 * basis says so.
 *
 * @param modelFile where Linux names the board it runs on
 */
export function chooseBasis(modelFile = '/proc/device-tree/model'): EnergyBasis {
  const model = readModel(modelFile);
  const profile = PROFILES.find((candidate) => model !== null && candidate.model.test(model));
  return profile === undefined ? basisOf(PI_ZERO_2W, true) : basisOf(profile, false);
}

function basisOf({ id, board, idleW, busyW, cores }: BoardProfile, asIf: boolean): EnergyBasis {
  const wattsPerCore = (busyW - idleW) / cores;
  const source = `${idleW} W idle, ${busyW} W on ${cores} cores`;
  const rate = `${wattsPerCore.toFixed(3)} W for each busy core of a ${board} (${source})`;
  return {
    name: `profile:${id}`,
    asIf,
    how: asIf
      ? `As if on a ${board}: CPU time of this machine x ${rate}. That board takes longer for the same work, ` +
        'so this compares stages, and is the energy of neither machine.'
      : `An estimate: CPU time x ${rate}.`,
    // A watt is a millijoule a millisecond.
    energyMj: (cpuMs) => cpuMs * wattsPerCore,
  };
}

/** Null where there is no device tree, as on most machines other than boards. */
function readModel(file: string): string | null {
  try {
    // The kernel ends it with a NUL.
    return readFileSync(file, 'utf8').replace(/\0+$/, '').trim();
  } catch {
    return null;
  }
}
