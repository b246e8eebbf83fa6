/**
 * Keyword spotting inside a Fastify app: `npm install fastify`, then `node app.js [PORT]`
 * `curl --data-binary @kitchen.wav -H 'content-type: audio/wav' http://127.0.0.1:3000/heard`
 */
import Fastify from 'fastify';
import { KeywordSpotter } from 'wakegate';

const spotter = await KeywordSpotter.load({ keywords: ['alexa', 'computer', 'jarvis'] });
const app = Fastify({ bodyLimit: 10 * 1024 * 1024 });

// Bodies of audio as they are: the spotter recognizes the kind of file by how it begins.
app.addContentTypeParser(/^audio\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

// One spotter serves all requests: its classifier is shared, and sleeps when nobody asks.
app.post('/heard', async ({ body }, reply) => {
  try {
    const { seconds, detections } = await spotter.detect(body);
    return { seconds, detections };
  } catch (error) {
    if (!error.code?.startsWith('WG_AUDIO')) throw error;
    return reply.code(415).send({ error: error.message });
  }
});
app.get('/keywords', () => spotter.keywords);
app.get('/energy', () => spotter.energy());
app.addHook('onClose', () => spotter.close());

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());
console.log(await app.listen({ port: Number(process.argv[2] ?? 3000) }));
