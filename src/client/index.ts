export type * from '../protocol/index.js';
export { type ClientOptions, type DetectOptions, WakegateClient } from './client.js';
export type { EventsOptions } from './events.js';
export type { ListenOptions, PcmStream, Socket, WebSocketConstructor } from './listen.js';
export { ServiceError } from './service-error.js';
