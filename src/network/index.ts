export { clientOf, isLoopback } from './address.js';
export { checkFree, isTaken } from './check-free.js';
export { Places } from './places.js';
export { type PlaceNames, portError, WYOMING_PLACE } from './port-error.js';
