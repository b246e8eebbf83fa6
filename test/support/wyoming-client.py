"""Has audio listened to over Wyoming, by the protocol's own library: prints what comes back, a line of JSON each.

python wyoming-client.py PORT FILE   where the file holds s16le at 16 kHz
"""

import asyncio
import json
import sys

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.wake import Detect, Detection, NotDetected

FORMAT = {"rate": 16000, "width": 2, "channels": 1}


async def main(port: int, path: str) -> None:
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Describe().event())
        program = Info.from_event(await client.read_event()).wake[0]
        models = [[model.name, model.installed, model.languages] for model in program.models]
        print(json.dumps({"info": program.name, "models": models}))
    with open(path, "rb") as file:
        audio = file.read()
    async with AsyncTcpClient("127.0.0.1", port) as client:
        reading = asyncio.create_task(read(client))
        await client.write_event(Detect(names=None).event())
        await client.write_event(AudioStart(**FORMAT, timestamp=5000).event())
        for at in range(0, len(audio), 2560):
            chunk = AudioChunk(**FORMAT, audio=audio[at : at + 2560], timestamp=5000 + at // 32)
            await client.write_event(chunk.event())
        await client.write_event(AudioStop().event())
        await client.write_event(Ping(text="over").event())
        await reading


async def read(client: AsyncTcpClient) -> None:
    while event := await client.read_event():
        if Detection.is_type(event.type):
            detection = Detection.from_event(event)
            print(json.dumps({"detection": detection.name, "timestamp": detection.timestamp}))
        elif NotDetected.is_type(event.type):
            print(json.dumps({"not-detected": True}))
        elif Pong.is_type(event.type):
            print(json.dumps({"pong": Pong.from_event(event).text}))
            return


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
