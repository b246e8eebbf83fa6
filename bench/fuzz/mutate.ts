/** Values that parsers of binary formats trip over. */
const ODD = [0, 1, 0x7f, 0x80, 0xff];

/** Alters one of the inputs in a few places, or joins two. Inputs that were added last are taken more often. */
export function mutate(corpus: readonly Buffer[]): Buffer {
  const newest = Math.random() < 0.5 ? Math.max(0, corpus.length - 16) : 0;
  let input: Buffer = Buffer.from(corpus[newest + below(corpus.length - newest)]);
  for (let change = 1 + below(4); change > 0; change--) input = alter(input, corpus);
  return input.subarray(0, 65_536);
}

function alter(input: Buffer, corpus: readonly Buffer[]): Buffer {
  if (input.length === 0) return Buffer.from([below(256)]);
  // Headers are where most of the code is.
  const at = below(Math.random() < 0.7 ? Math.min(96, input.length) : input.length);
  switch (below(7)) {
    case 0:
      input[at] ^= 1 << below(8);
      return input;
    case 1:
      input[at] = ODD[below(ODD.length)];
      return input;
    case 2:
      input.fill(below(256), at, Math.min(input.length, at + below(8)));
      return input;
    case 3:
      return input.subarray(0, at);
    case 4:
      return Buffer.concat([input.subarray(0, at), input.subarray(at + below(16))]);
    case 5:
      return Buffer.concat([input.subarray(0, at), input.subarray(0, at + below(64)), input.subarray(at)]);
    default: {
      const other = corpus[below(corpus.length)];
      return Buffer.concat([input.subarray(0, at), other.subarray(below(other.length))]);
    }
  }
}

function below(count: number): number {
  return Math.floor(Math.random() * count);
}
