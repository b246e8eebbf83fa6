/**
 * Follows a daemon, and posts each of its detections as JSON to an address, such as a webhook of Home Assistant:
 * `node webhook.js http://127.0.0.1:8765 http://homeassistant.local:8123/api/webhook/NAME`
 * The token of the daemon, where it needs one, comes from WAKEGATE_TOKEN.
 */
import { WakegateClient } from 'wakegate/client';

const [url = 'http://127.0.0.1:8765', hook] = process.argv.slice(2);
if (!hook) throw new Error('name the address to post to: node webhook.js DAEMON HOOK');

const { WAKEGATE_TOKEN: token } = process.env;
const daemon = new WakegateClient({ url, ...(token && { token }) });

// Begins with what happens from now on, and connects again by itself when the daemon restarts.
for await (const event of daemon.events({ types: ['detection'] })) {
  if (event.type === 'detection') post(event); // not awaited: a slow receiver holds nothing up
}

async function post(event) {
  for (const seconds of [0, 1, 5]) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    try {
      const response = await fetch(hook, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(5000),
      });
      if (response.ok) return;
      console.error(`${hook} answers ${response.status}`);
      if (response.status < 500) return; // it would say the same again
    } catch (error) {
      console.error(`${hook} cannot be reached: ${error.cause?.code ?? error.message}`);
    }
  }
}
