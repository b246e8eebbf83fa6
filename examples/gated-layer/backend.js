import * as tf from '@tensorflow/tfjs-core';

process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
tf.enableProdMode();
// tfjs-node trains these networks in seconds, plain JavaScript in a minute or two.
await import('@tensorflow/tfjs-node').catch(() => import('@tensorflow/tfjs-backend-cpu'));
await tf.ready();
