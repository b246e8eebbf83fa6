/** What recorders and sound servers print, and what it means. The first that fits counts. */
const MEANINGS: readonly { readonly says: RegExp; readonly means: string }[] = [
  { says: /device or resource busy/i, means: 'the device is busy: another program is using it' },
  { says: /permission denied/i, means: 'this user may not use the device: it needs the group "audio"' },
  { says: /connection refused|connection failure/i, means: 'the sound server does not answer' },
  // While it was recording, a device that is not there any more was pulled out.
  { says: /read error.*no such device|input\/output error/i, means: 'the device was unplugged' },
  {
    says: /no such (file|device|entity)|unknown pcm|cannot find card|no default (audio )?device/i,
    means: 'the device is missing: is it plugged in, and is that its name?',
  },
];

/** What a recorder's last words on stderr mean for the microphone, in plain words; null where they say nothing known. */
export function meaningOf(stderr: string): string | null {
  return MEANINGS.find(({ says }) => says.test(stderr))?.means ?? null;
}
