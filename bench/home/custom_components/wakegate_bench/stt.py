"""Stands in for speech to text: whatever is said after the wake word is understood as one sentence."""

from homeassistant.components import stt


class OneSentence(stt.Provider):
    supported_languages = ["en"]
    supported_formats = [stt.AudioFormats.WAV]
    supported_codecs = [stt.AudioCodecs.PCM]
    supported_bit_rates = [stt.AudioBitRates.BITRATE_16]
    supported_sample_rates = [stt.AudioSampleRates.SAMPLERATE_16000]
    supported_channels = [stt.AudioChannels.CHANNEL_MONO]

    async def async_process_audio_stream(self, metadata, stream):
        async for _ in stream:
            break
        return stt.SpeechResult("turn on the kitchen light", stt.SpeechResultState.SUCCESS)


async def async_get_engine(hass, config, discovery_info=None):
    return OneSentence()
