/** `wakegate/training`: the GC layer and what makes packs. Load a TensorFlow.js backend first. */
export { calibrateGate, type GateCalibration } from './calibrate.js';
export { exportPack, type PackChoices } from './export-pack.js';
export { GatedCompression, type GatedCompressionConfig } from './gated-compression.js';
export { JOINT, type JointSettings, trainJoint } from './joint.js';
export { Network } from './keyword-network.js';
export { type NetworkShape, SHAPE } from './network.js';
export { TRUNK, type TrunkSettings, trainTrunk } from './trunk.js';
