/** How wakegate becomes part of a home: what is there, what to do, and whether it works. */
export { adviceOf } from './advice.js';
export { type Found, type FoundBroker, type FoundHomeAssistant, findHome, type Home } from './find.js';
export { forgetOnBroker } from './forget.js';
export { tryWay, type WayOptions } from './try-way.js';
