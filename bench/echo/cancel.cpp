// Takes the echo out of a recording, with the libraries and the settings of two sound servers:
//
// webrtc: PipeWire's module-echo-cancel with its defaults (webrtc-audio-processing 0.3, as in Debian 12; see its
//   spa/plugins/aec/aec-webrtc.cpp).
// speex: PulseAudio's module-echo-cancel with aec_method=speex and aec_args="agc=0 denoise=0 echo_suppress=0": the linear
//   filter alone (SpeexDSP 1.2), of 200 ms.
//
// stdin: s16le, 16 kHz, two channels: the microphone, and what the loudspeaker was given. stdout: s16le, mono.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <speex/speex_echo.h>
#include <webrtc/modules/audio_processing/include/audio_processing.h>
#include <webrtc/modules/interface/module_common_types.h>

namespace {
constexpr int kRate = 16000;

/** Takes a frame of the microphone and of what was played, and gives one. */
using Canceller = std::function<void(const int16_t*, const int16_t*, int16_t*)>;

void run(int frame, const Canceller& cancel) {
  int16_t both[2 * kRate / 10], microphone[kRate / 10], played[kRate / 10], out[kRate / 10];
  while (std::fread(both, 2 * frame * sizeof(int16_t), 1, stdin) == 1) {
    for (int i = 0; i < frame; i++) {
      microphone[i] = both[2 * i];
      played[i] = both[2 * i + 1];
    }
    cancel(microphone, played, out);
    std::fwrite(out, sizeof(int16_t), frame, stdout);
  }
}

void webrtcCanceller() {
  constexpr int frame = kRate / 100;
  webrtc::Config config;
  config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
  config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
  std::unique_ptr<webrtc::AudioProcessing> processing(webrtc::AudioProcessing::Create(config));
  processing->high_pass_filter()->Enable(true);
  processing->echo_cancellation()->enable_drift_compensation(false);
  processing->echo_cancellation()->Enable(true);
  processing->echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kHighSuppression);
  processing->noise_suppression()->set_level(webrtc::NoiseSuppression::kHigh);
  processing->noise_suppression()->Enable(true);
  webrtc::AudioFrame near, far;
  const auto fill = [](webrtc::AudioFrame& to, const int16_t* samples) {
    to.sample_rate_hz_ = kRate;
    to.samples_per_channel_ = frame;
    to.num_channels_ = 1;
    std::memcpy(to.data_, samples, frame * sizeof(int16_t));
  };
  run(frame, [&](const int16_t* microphone, const int16_t* played, int16_t* out) {
    fill(far, played);
    fill(near, microphone);
    processing->ProcessReverseStream(&far);
    processing->set_stream_delay_ms(0);
    processing->ProcessStream(&near);
    std::memcpy(out, near.data_, frame * sizeof(int16_t));
  });
}

void speexCanceller() {
  constexpr int frame = kRate / 50;
  int rate = kRate;
  SpeexEchoState* state = speex_echo_state_init(frame, kRate / 5);
  speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
  run(frame, [&](const int16_t* microphone, const int16_t* played, int16_t* out) {
    speex_echo_cancellation(state, microphone, played, out);
  });
  speex_echo_state_destroy(state);
}
}  // namespace

int main(int count, char** args) {
  if (count > 1 && std::strcmp(args[1], "speex") == 0) speexCanceller();
  else webrtcCanceller();
  return 0;
}
