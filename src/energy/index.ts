export {
  type EnergyAccount,
  type EnergyWindow,
  type Saved,
  STAGES,
  type StageAccount,
  type StageName,
} from '../protocol/index.js';
export { chooseBasis, type EnergyBasis } from './basis.js';
export { bestClock, type CpuClock } from './clock.js';
export { EnergyHistory } from './history.js';
export { MeasuredBasis } from './measured-basis.js';
export { EnergyMeter, type EnergyMeterOptions } from './meter.js';
export { findGauge, type GaugePlaces, type PowerGauge } from './power-gauge.js';
export type { StageCost, StageMeter } from './stage-meter.js';
