export { pushRow } from './layers';
export { mfcc } from './mfcc';
export { runLayer } from './network';
export { packKernel } from './weights';
