export { clientOf, isLoopback } from './address.js';
export { Places } from './places.js';
export { portError } from './port-error.js';
