export type { Message } from '../server/subscribers.js';
export { type ClientOptions, type DetectOptions, type DetectReport, WakegateClient } from './client.js';
export type { EventsOptions, EventType } from './events.js';
export type { ListenOptions, PcmStream, WebSocketConstructor } from './listen.js';
export { ServiceError } from './service-error.js';
