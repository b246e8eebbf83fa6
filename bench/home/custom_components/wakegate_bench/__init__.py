"""Has Home Assistant's own code listen to a recording for a wake word, as a satellite in an Assist pipeline would."""

import asyncio
from pathlib import Path

from homeassistant.components import wake_word
from homeassistant.core import SupportsResponse
from homeassistant.helpers.discovery import async_load_platform

CHUNK_BYTES = 2560
BYTES_PER_MS = 32


async def async_setup(hass, config):
    """Register the action `wakegate_bench.detect`: a file of raw samples, 16 kHz, 16 bit, mono."""

    async def detect(call):
        entity = wake_word.async_get_wake_word_detection_entity(hass, call.data["entity_id"])
        sound = await hass.async_add_executor_job(Path(call.data["file"]).read_bytes)

        async def stream():
            clock = asyncio.get_running_loop()
            began = clock.time()
            for at in range(0, len(sound), CHUNK_BYTES):
                chunk = sound[at : at + CHUNK_BYTES]
                await asyncio.sleep(max(0, began + (at + len(chunk)) / BYTES_PER_MS / 1000 - clock.time()))
                yield chunk, at // BYTES_PER_MS

        result = await entity.async_process_audio_stream(stream(), call.data.get("wake_word_id"))
        if result is None:
            return {"wake_word_id": None}
        return {
            "wake_word_id": result.wake_word_id,
            "phrase": result.wake_word_phrase,
            "timestamp": result.timestamp,
        }

    hass.services.async_register("wakegate_bench", "detect", detect, supports_response=SupportsResponse.ONLY)
    hass.async_create_task(async_load_platform(hass, "stt", "wakegate_bench", {}, config))
    return True
