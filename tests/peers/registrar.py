"""Debian's kamailio as the company's PBX: phones and we register with it, and it asks for passwords."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest
from softphone import free_port, free_udp_port

PASSWORD = "secret"
REALM = "127.0.0.1"
ROUTES = """
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("REALM", "PASSWORD", "0")) { www_challenge("REALM", "1"); exit; }
    if (!save("location")) { sl_reply_error(); }
    exit;
  }
  if (has_totag()) {
    if (loose_route() || is_method("ACK")) { t_relay(); } else { sl_send_reply("404", "Not Here"); }
    exit;
  }
  if (is_method("CANCEL")) { t_relay(); exit; }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!pv_proxy_authenticate("REALM", "PASSWORD", "0")) { proxy_challenge("REALM", "1"); exit; }
  consume_credentials();
  record_route();
  if ($rU =~ "^answer-[0-9]+$") {
    $var(code) = $(rU{s.substr,7,0}{s.int});
    send_reply("$var(code)", "As You Wish");
    exit;
  }
  if (!lookup("location")) { send_reply("480", "Temporarily Unavailable"); exit; }
  t_relay();
}
"""
MODULES = "tls sl tm rr pv maxfwd textops siputils usrloc registrar auth"


class Registrar:
    """Whoever it lets in, it connects with whom they call; `answer-486` and the like are answered with that code."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.ports = {"udp": free_udp_port(), "tcp": free_port(), "tls": free_port()}

    def domain(self, transport):
        return f"127.0.0.1:{self.ports[transport]}"

    @property
    def certificate(self):
        return self.folder / "cert.pem"

    async def __aenter__(self):
        program = shutil.which("kamailio", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        if program is None:
            pytest.skip("kamailio is not installed: make peers")
        self.folder.mkdir()
        make_certificate(self.folder)
        (self.folder / "tls.cfg").write_text(
            f"[server:default]\nmethod=TLSv1.2+\nprivate_key={self.folder}/key.pem\ncertificate={self.certificate}\n"
        )
        listen = "".join(f"listen={transport}:{self.domain(transport)}\n" for transport in self.ports)
        load = "".join(f'loadmodule "{name}.so"\n' for name in MODULES.split())
        (self.folder / "kamailio.cfg").write_text(
            "debug=0\nlog_stderror=yes\nfork=yes\nchildren=1\ntcp_children=1\nenable_tls=yes\nauto_aliases=no\n"
            + listen + load
            + f'modparam("tls", "config", "{self.folder}/tls.cfg")\nmodparam("usrloc", "db_mode", 0)\n'
            + ROUTES.replace("REALM", REALM).replace("PASSWORD", PASSWORD)
        )  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                program, "-DD", "-E", "-f", self.folder / "kamailio.cfg", "-Y", self.folder, "-P", self.folder / "pid",
                stderr=log, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        async with asyncio.timeout(20):
            while True:
                assert self._process.returncode is None, (self.folder / "log").read_text()
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.ports["tcp"])
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return self

    async def __aexit__(self, *_):
        self._process.terminate()
        await self._process.wait()


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
