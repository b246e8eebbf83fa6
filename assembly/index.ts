export { pushRow } from './layers';
export { mfcc } from './mfcc';
