/** RFC 9559: a type, one track with its header, and blocks in a cluster. */
export function webm(blocks: readonly Buffer[], tracks = 1): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  const track = element(
    'ae',
    element('d7', Buffer.of(1)),
    element('86', Buffer.from('A_OPUS')),
    element('63a2', head),
  );
  return Buffer.concat([
    element('1a45dfa3', element('4282', Buffer.from('webm'))),
    element(
      '18538067',
      ...Array<Buffer>(tracks).fill(element('1654ae6b', track)),
      element('1f43b675', ...blocks),
    ),
  ]);
}

export function element(id: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(0x1000_0000 + body.length);
  return Buffer.concat([Buffer.from(id, 'hex'), size, body]);
}

/** A SimpleBlock of track 1; the bits of its flags say whether packets share it. */
export function block(flags: number, ...content: readonly Uint8Array[]): Buffer {
  return element('a3', Buffer.of(0x81, 0, 0, flags), ...content.map((bytes) => Buffer.from(bytes)));
}
