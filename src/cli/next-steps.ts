import { VERSION } from '../version.js';

/** What `wakegate` alone prints: what it is, and what to type next. */
export const NEXT_STEPS = `wakegate ${VERSION}: an always-on keyword spotter.

  wakegate run              listen to the microphone, or to a sample where there is none
  wakegate detect FILE...   find keywords in audio files
  wakegate doctor           check that this machine has what it needs, and how to fix it
  wakegate status           print the status of a running daemon

Start with "wakegate run", and say "alexa".
"wakegate help" lists all commands, "wakegate help run" describes one.
`;
