export { INPUT, type Kernels, newKernels, OUTPUT, openKernels, type Tenant, WORK } from './kernels.js';
