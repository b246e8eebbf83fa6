/** Builds WAV files of any layout for tests, chunk by chunk. */

export interface Layout {
  readonly tag: 1 | 3;
  readonly bits: 8 | 16 | 24 | 32 | 64;
  readonly rate: number;
  readonly channels: number;
  readonly extensible?: boolean;
}

/** One chunk with its padding byte; `declared` stands in for the true size. */
export function chunk(id: string, body: Buffer, declared = body.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(declared, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
}

export function riff(chunks: readonly Buffer[], { id = 'RIFF', size = -1 } = {}): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return chunk(id, body, size < 0 ? body.length : size);
}

export function fmt({ tag, bits, rate, channels, extensible = false }: Layout): Buffer {
  const body = Buffer.alloc(extensible ? 40 : 16);
  const frameBytes = (bits / 8) * channels;
  body.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * frameBytes) >>> 0, 8);
  body.writeUInt16LE(frameBytes & 0xffff, 12);
  body.writeUInt16LE(bits, 14);
  if (extensible) {
    body.writeUInt16LE(22, 16);
    body.writeUInt16LE(bits, 18);
    body.writeUInt16LE(tag, 24);
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(body, 26);
  }
  return chunk('fmt ', body);
}

/** Interleaved samples of [-1, 1) in the layout's format. */
export function sampleBytes(samples: ArrayLike<number>, { tag, bits }: Layout): Buffer {
  const width = bits / 8;
  const bytes = Buffer.alloc(samples.length * width);
  for (let i = 0; i < samples.length; i++) {
    const at = i * width;
    if (tag === 3) bits === 64 ? bytes.writeDoubleLE(samples[i], at) : bytes.writeFloatLE(samples[i], at);
    else if (bits === 8) bytes.writeUInt8(Math.round(samples[i] * 127) + 128, at);
    else bytes.writeIntLE(Math.round(samples[i] * (2 ** (bits - 1) - 1)), at, width);
  }
  return bytes;
}

/** A whole file. */
export function wavBytes(samples: ArrayLike<number>, layout: Layout): Buffer {
  return riff([fmt(layout), chunk('data', sampleBytes(samples, layout))]);
}
