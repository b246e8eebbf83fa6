export {
  aligned,
  INPUT,
  type Kernels,
  newKernels,
  OUTPUT,
  openKernels,
  type Tenant,
  WORK,
} from './kernels.js';
export { WorkMemory } from './work-memory.js';
