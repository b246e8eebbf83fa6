import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { Announcement } from '../../../src/bridges/wyoming/announcement.js';

const GROUP = '224.0.0.251';

/** A name as DNS writes it. */
function encodedName(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** Who has this service? (RFC 1035, 4.1) */
function question(name: string, times = 1): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(times, 4);
  const one = Buffer.concat([encodedName(name), Buffer.from([0, 12, 0, 1])]); // PTR, IN
  return Buffer.concat([header, ...Array.from({ length: times }, () => one)]);
}

test('the service is found by its type, says its port, and goes with a goodbye', async (t) => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  t.after(() => socket.close());
  socket.bind(5353);
  await once(socket, 'listening');
  try {
    socket.addMembership(GROUP);
  } catch (error) {
    return t.skip(`there is no multicast here: ${(error as Error).message}`);
  }
  const packets: Buffer[] = [];
  const name = encodedName(`wakegate ${hostname().split('.')[0]} 10477`).subarray(0, -1);
  socket.on('message', (packet) => {
    if (packet.readUInt16BE(2) & 0x8000 && packet.includes(name)) packets.push(packet);
    socket.emit('answer');
  });
  const problems: string[] = [];
  const announcement = await Announcement.open({
    port: 10_477,
    onProblem: (problem) => problems.push(problem),
  });
  const port = Buffer.alloc(2);
  port.writeUInt16BE(10_477);
  while (!packets.some((packet) => packet.includes(port))) {
    socket.send(question('_wyoming._tcp.local'), 5353, GROUP);
    await once(socket, 'answer');
  }
  assert.ok(packets.some((packet) => packet.includes(encodedName('_wyoming').subarray(0, -1))));

  // A packet with more questions than anyone has is not answered at all; the one after it is.
  const before = packets.length;
  socket.send(question('_wyoming._tcp.local', 200), 5353, GROUP);
  socket.send(question('_wyoming._tcp.local'), 5353, GROUP);
  while (packets.length === before) await once(socket, 'answer');
  const some = packets.length - before;
  assert.ok(some < 20, `${some} answers`);
  await announcement.close();
  assert.deepEqual(problems, []);
});
