/** Follows a daemon from a web page: its state, the level of the sound, the gate, and what it hears. */
import { WakegateClient } from 'wakegate/client';

const query = new URLSearchParams(location.search);
const daemon = new WakegateClient({
  url: query.get('daemon') ?? 'http://127.0.0.1:8765',
  // From the part of the address that browsers send nowhere: page.html#token=…
  token: new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined,
});
const at = (id) => document.getElementById(id);

at('mute').onclick = () => daemon.mute().catch(showError);
at('unmute').onclick = () => daemon.unmute().catch(showError);

try {
  // Connects again by itself. `since: 0` first repeats the last events that the daemon remembers; `level` events come
  // ten times a second, and only if you ask for them.
  for await (const event of daemon.events({ types: ['detection', 'gate', 'input', 'level'], since: 0 })) {
    if (event.type === 'snapshot') showState(event.status.input);
    if (event.type === 'input') showState(event);
    if (event.type === 'gate') at('gate').textContent = event.open ? 'open' : 'shut';
    if (event.type === 'level') at('level').value = event.dbfs ?? -90; // null is digital silence
    if (event.type === 'detection') showDetection(event);
  }
} catch (error) {
  showError(error); // such as a wrong token, or an origin that the daemon does not allow
}

function showState({ name, state, reason }) {
  at('state').textContent = `${name}: ${state}${reason ? ` (${reason})` : ''}`;
}

function showDetection({ label, score, heardAt }) {
  const item = document.createElement('li');
  item.append(Object.assign(document.createElement('b'), { textContent: label }));
  item.append(` ${score.toFixed(3)} at ${new Date(heardAt).toLocaleTimeString()}`);
  at('heard').prepend(item);
}

function showError(error) {
  at('state').className = 'error';
  at('state').textContent = error.message;
}
