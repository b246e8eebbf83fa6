/** What is put in where it does not belong. */
const TEXTS = [
  '"',
  '{',
  '}',
  '\n',
  '1e9',
  '-1',
  'null',
  '[',
  '\\u0000',
  '9007199254740993',
  '"data_length":',
];
/** Of a frame, where it is changed: its line and the JSON after it. */
const CHANGED_BYTES = 150;

/** Frames of the Wyoming protocol with one or two places changed, cut out or put in; the same for each seed. */
export function* malformedFrames(valid: readonly Buffer[], count: number, seed = 17): Generator<Buffer> {
  const below = random(seed);
  for (let i = 0; i < count; i++) {
    let bytes = Buffer.from(valid[below(valid.length)]);
    for (let changes = 1 + below(2); changes > 0 && bytes.length > 0; changes--) {
      const at = below(Math.min(bytes.length, CHANGED_BYTES));
      const kind = below(4);
      if (kind === 0) bytes[at] = below(256);
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(8))]);
      else {
        const other = valid[below(valid.length)].subarray(0, below(60));
        const added = kind === 2 ? Buffer.from(TEXTS[below(TEXTS.length)]) : other;
        bytes = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
      }
    }
    yield bytes;
  }
}

/** 32-bit xorshift: whole numbers below a limit. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
