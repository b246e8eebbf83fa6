import { serve } from '../serve.js';
import { Wakegate } from './listening.js';

/** wakegate as it is; a setting of 0 is `--gate off`, the same classifier always on. */
await serve(async (options, hearing) => {
  const wakegate = await Wakegate.open(options, hearing, options.setting === 0 ? 'off' : 'on');
  let sample = 0;
  return {
    async push(samples) {
      await wakegate.push(samples, sample);
      sample += samples.length;
    },
    async finish() {
      await wakegate.finish();
      sample = 0;
    },
  };
});
