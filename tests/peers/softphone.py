"""Debian's baresip as the candidate's phone: answers or not, says WAV files on cue, keeps what it hears."""

import asyncio
import contextlib
import json
import shutil
import socket
import wave
from pathlib import Path

import pytest

CONFIG = """\
sip_listen 127.0.0.1:{sip_port}
net_interface 127.0.0.1
audio_source aufile,{folder}/silence.wav
audio_player aubridge,phone
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {rtp_port}-{last_rtp_port}
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
snd_path {folder}/out
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""
SILENCE_S = 600
"""At the end of a WAV file the phone hangs up."""


def free_udp_port():
    return free_port(socket.SOCK_DGRAM)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def write_wav(path, pcm, silence_s=SILENCE_S):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(pcm + bytes(2 * 8000 * silence_s))


class Softphone:
    def __init__(self, folder, account="<sip:candidate@127.0.0.1:{port}>;regint=0", options="answermode=auto"):
        self.folder = Path(folder)
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self._control_port = free_port()
        self._account = account.format(port=self.sip_port) + f";{options};audio_codecs=PCMU,PCMA"
        self._process = None
        self.log = b""
        """What it printed, once it has gone."""
        self.events = []
        """What it tells of its calls."""
        self._answer = ""
        """To the last command."""

    async def __aenter__(self):
        program = shutil.which("baresip")
        modules = Path("/usr/lib/baresip/modules")
        if program is None or not modules.is_dir():
            pytest.skip("baresip is not installed: make peers")
        (self.folder / "out").mkdir(parents=True)
        write_wav(self.folder / "silence.wav", b"")
        rtp_port = free_port(socket.SOCK_DGRAM) & ~1
        config = CONFIG.format(
            folder=self.folder, modules=modules, sip_port=self.sip_port, control_port=self._control_port,
            rtp_port=rtp_port, last_rtp_port=rtp_port + 20,
        )  # fmt: skip
        (self.folder / "config").write_text(config)
        (self.folder / "accounts").write_text(self._account + "\n")
        (self.folder / "contacts").write_text("")
        self._process = await asyncio.create_subprocess_exec(
            program, "-f", self.folder,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._output = asyncio.create_task(self._process.stdout.read())
        async with asyncio.timeout(10):
            while True:
                try:
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._control_port)
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_):
        self._writer.close()
        self._listening.cancel()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self.log = await self._output

    def command(self, name, params=""):
        body = json.dumps({"command": name, "params": params, "token": "t"}).encode()
        self._writer.write(str(len(body)).encode() + b":" + body + b",")

    def say(self, pcm, name="said"):
        """From now on: 8 kHz PCM, and then silence."""
        write_wav(self.folder / f"{name}.wav", pcm)
        self.command("ausrc", f"aufile,{self.folder}/{name}.wav")

    def accept(self):
        self.command("accept")

    def hang_up(self):
        self.command("hangup")

    def hold(self):
        self.command("hold")

    def resume(self):
        self.command("resume")

    def vanish(self):
        """Without a word to anybody."""
        self._process.kill()

    def press(self, digits):
        for digit in digits:
            self.command("sndcode", digit)

    def pressed(self):
        """Keys that came from the other side."""
        return "".join(event["param"] for event in self.events if event["type"] == "CALL_DTMF_START")

    def heard(self):
        """What came out of the earpiece in the last call, as 8 kHz PCM."""
        (dump,) = sorted((self.folder / "out").glob("dump-*-dec.wav"))[-1:]
        return dump.read_bytes()[44:]

    async def _listen(self):
        while True:
            length = int((await self._reader.readuntil(b":"))[:-1])
            message = json.loads(await self._reader.readexactly(length))
            await self._reader.readexactly(1)
            if message.get("response"):
                self._answer = message["data"]
            else:
                self.events.append(message)

    async def registered(self):
        async with asyncio.timeout(15):
            while "OK" not in self._answer:
                self.command("reginfo")
                await asyncio.sleep(0.1)
