export { pushRow } from './layers';
export { mfcc } from './mfcc';
export { runLayer } from './network';
