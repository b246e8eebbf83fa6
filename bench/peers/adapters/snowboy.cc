// Snowboy's library for Python's ctypes. It was built with the older layout of strings, which is why this file is too, and asks for a
// BLAS by the usual names, which PyPI's scipy-openblas32 has with a prefix.

#include "snowboy-detect.h"

#define FORWARD(type, name, parameters, arguments) \
  type scipy_##name parameters;                     \
  type name parameters { return scipy_##name arguments; }

extern "C" {

FORWARD(void, cblas_saxpy, (int n, float a, const float* x, int ix, float* y, int iy), (n, a, x, ix, y, iy))
FORWARD(float, cblas_sdot, (int n, const float* x, int ix, const float* y, int iy), (n, x, ix, y, iy))
FORWARD(float, cblas_snrm2, (int n, const float* x, int ix), (n, x, ix))
FORWARD(void, cblas_sscal, (int n, float a, float* x, int ix), (n, a, x, ix))
FORWARD(void, cblas_sger, (int order, int m, int n, float a, const float* x, int ix, const float* y, int iy, float* c, int lc),
        (order, m, n, a, x, ix, y, iy, c, lc))
FORWARD(void, cblas_sgemv,
        (int order, int ta, int m, int n, float a, const float* b, int lb, const float* x, int ix, float c, float* y, int iy),
        (order, ta, m, n, a, b, lb, x, ix, c, y, iy))
FORWARD(void, cblas_sgemm,
        (int order, int ta, int tb, int m, int n, int k, float a, const float* b, int lb, const float* c, int lc, float d, float* e, int le),
        (order, ta, tb, m, n, k, a, b, lb, c, lc, d, e, le))

void* snowboy_open(const char* resource, const char* model, const char* sensitivity, int front_end) {
  auto* detector = new snowboy::SnowboyDetect(resource, model);
  detector->SetSensitivity(sensitivity);
  detector->SetAudioGain(1);
  detector->ApplyFrontend(front_end != 0);
  return detector;
}

// Over 0 where a word was heard; -2 for silence, 0 for other sound.
int snowboy_run(void* detector, const int16_t* samples, int count) {
  return static_cast<snowboy::SnowboyDetect*>(detector)->RunDetection(samples, count, false);
}

void snowboy_reset(void* detector) { static_cast<snowboy::SnowboyDetect*>(detector)->Reset(); }
}
