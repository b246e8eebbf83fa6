interface Meaning {
  /** What recorders and sound servers print. */
  readonly says: RegExp;
  readonly means: string;
  /** The command that fixes it, or shows how. */
  readonly mend: string;
}

const BUSY = 'the device is busy: another program is using it';

/** The first that fits counts. */
const MEANINGS: readonly Meaning[] = [
  {
    says: /device or resource busy/i,
    means: BUSY,
    mend: 'fuser -v /dev/snd/*',
  },
  {
    says: /permission denied/i,
    means: 'this user may not use the device: add the user to the group "audio"',
    mend: 'sudo usermod --append --groups audio "$USER"',
  },
  {
    says: /connection refused|connection failure/i,
    means: 'the sound server does not answer',
    mend: 'systemctl --user restart pipewire pipewire-pulse',
  },
  {
    // While it was recording, a device that is not there any more was pulled out.
    says: /read error.*no such device|input\/output error/i,
    means: 'the device was unplugged',
    mend: 'wakegate devices',
  },
  {
    says: /no such (file|device|entity)|unknown pcm|cannot find card|no default (audio )?device/i,
    means: 'the device is missing: is it plugged in, and is that its name?',
    mend: 'wakegate devices',
  },
];

/** What a recorder's last words on stderr mean for the microphone, in plain words; null where they say nothing known. */
export function meaningOf(stderr: string): string | null {
  return MEANINGS.find(({ says }) => says.test(stderr))?.means ?? null;
}

/** Whether a sentence begins with what {@link meaningOf} says of a device that cannot be opened twice. */
export function saysBusy(sentence: string): boolean {
  return sentence.startsWith(BUSY);
}

/** The command for a sentence that begins with what {@link meaningOf} gave; null for any other. */
export function mendOf(sentence: string): string | null {
  return MEANINGS.find(({ means }) => sentence.startsWith(means))?.mend ?? null;
}
