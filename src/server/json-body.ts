import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Turns } from './turns.js';

const WHAT_IS_TAKEN = 'send JSON, with the header content-type: application/json';

/** A longer one takes milliseconds, and many come in one turn of the event loop: each gets a turn of its own. */
const SHORT_CHARACTERS = 2048;

/**
 * Takes bodies as JSON. Routes that have no body ignore one, and whatever type it is said to be: clients name a type
 * with requests that carry nothing.
 */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  const turns = new Turns(1);
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request) => {
    if (!hasBody(request)) delete request.raw.headers['content-type'];
  });
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(refused(400, `the body is empty: ${WHAT_IS_TAKEN}`));
    else if (body.length <= SHORT_CHARACTERS) parse(request, body as string, done);
    else void turns.take(() => turn()).then(() => parse(request, body as string, done));
  });
  app.addContentTypeParser('*', (request, body, done) => {
    body.resume(); // or the answer would not be taken
    if (hasBody(request)) done(unsupportedType(request));
    else done(null, undefined);
  });
}

/** The answer to a body of a type that is not read here. */
export function unsupportedType({ headers }: FastifyRequest): Error {
  const given = headers['content-type'];
  const what = given
    ? `a body of type ${JSON.stringify(given.slice(0, 100))} is not read here`
    : 'the body has no type';
  return refused(415, `${what}: ${WHAT_IS_TAKEN}`);
}

/** Audio is read as it arrives, and described by no schema. */
function hasBody({ routeOptions: { schema, config } }: FastifyRequest): boolean {
  return schema?.body !== undefined || config.slowBody === true;
}

function refused(statusCode: number, sentence: string): Error {
  return Object.assign(new Error(sentence), { statusCode });
}
