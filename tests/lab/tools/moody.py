#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""moody - servers that fail and come back at fixed times after they were asked first, and note when they are asked.

usage: moody.py DIRECTORY

Writes a keepalived.conf that checks them all (DIRECTORY/conf) and, for each time that one is asked, a line
"NAME SECONDS ok|bad" (DIRECTORY/tries). The seconds are since its first time.
"""
import os
import socket
import socketserver
import sys
import threading
import time

HERE = sys.argv[1]
# Names and when they are bad; tries fall on whole seconds, so half of one is left for a machine that is busy.
MOODS = {"mid": (4.5, 10.5), "start": (-1, 5.5), "blip": (4.5, 6.5)}
TIMES = "connect_timeout 2\nretry 2\ndelay_before_retry 1\nwarmup 0\ndelay_loop 2\n"
OK = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nOK\n"
first, lock = {}, threading.Lock()
tries = open(HERE + "/tries", "w", buffering=1, encoding="ascii")


def good(name, url=""):
    """Whether it is now; noted."""
    begin, end = MOODS[name.split("-")[1]]
    with lock:
        now = time.monotonic()
        t = now - first.setdefault(name, now)
        fine = not begin <= t < end or url in ("/a", "/c")
        tries.write(f"{name}{url} {t:.2f} {'ok' if fine else 'bad'}\n")
    return fine


def request_of(conn):
    asked = b""
    while b"\r\n\r\n" not in asked:
        more = conn.recv(4096)
        if not more:
            return ""
        asked += more
    return asked.split()[1].decode()


def web(name, conn):
    url = request_of(conn)
    if url:
        conn.sendall(OK if good(name, url if name.startswith("urls") or name.startswith("fast") else "")
                     else OK.replace(b"200", b"503"))


def smtp(name, conn):
    if not good(name):
        conn.sendall(b"554 no\r\n")
        return
    for line in b"220 moody\r\n", b"250 moody\r\n", b"221 bye\r\n":
        conn.sendall(line)
        if not conn.recv(1000):
            break


def script(name, conn):
    conn.sendall(b"0\n" if good(name) else b"1\n")


def dns(name, query):
    return query[:2] + bytes([0x81, 0x80 if good(name) else 0x82]) + query[4:]


def echo(name, query):
    return query if good(name) else b""


def serve(port, name, kind):
    if kind in (dns, echo):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                data, sock = self.request
                answer = kind(name, data)
                if answer:
                    sock.sendto(answer, self.client_address)
        server = socketserver.ThreadingUDPServer(("127.0.0.1", port), Handler)
    else:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    kind(name, self.request)
                except OSError:
                    pass
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        socketserver.ThreadingTCPServer.request_queue_size = 64
        server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def ask_script(port):
    path = f"{HERE}/ask-{port}"
    with open(path, "w", encoding="ascii") as f:
        f.write(f"#!/bin/bash\nread -r x </dev/tcp/127.0.0.1/{port}\nexit $x\n")
    os.chmod(path, 0o755)
    return f"misc_path {path}\nretry 2\ndelay_before_retry 1\nwarmup 0\ndelay_loop 2\n"


URLS = "".join(f"url {{\npath /{p}\n}}\n" for p in "abc")
KINDS = [
    ("http", web, "HTTP_GET", lambda p: TIMES + "url {\npath /\n}\n"),
    ("slow", web, "HTTP_GET", lambda p: TIMES.replace("retry 1", "retry 4") + "url {\npath /\n}\n"),
    ("urls", web, "HTTP_GET", lambda p: TIMES + URLS),
    ("fast", web, "HTTP_GET", lambda p: TIMES + "fast_recovery\n" + URLS),
    ("smtp", smtp, "SMTP_CHECK", lambda p: TIMES),
    ("dns", dns, "DNS_CHECK", lambda p: TIMES),
    ("dnsstandard", dns, "DNS_CHECK", lambda p: "warmup 0\ndelay_loop 2\n"),
    ("udp", echo, "UDP_CHECK", lambda p: TIMES.replace("timeout 2", "timeout 1") + "require_reply\n"),
    ("misc", script, "MISC_CHECK", ask_script),
]


def main():
    port, conf = 9000, ["global_defs {\nscript_user root\n}\nvirtual_server 10.9.9.9 80 {\nlvs_sched rr\n"
                        "lvs_method NAT\nprotocol TCP\n"]
    for kind, handler, word, lines in KINDS:
        for mood in MOODS:
            port += 1
            serve(port, f"{kind}-{mood}", handler)
            conf.append(f"real_server 127.0.0.1 {port} {{\n{word} {{\n{lines(port)}}}\n}}\n")
    with open(HERE + "/conf.new", "w", encoding="ascii") as f:
        f.write("".join(conf) + "}\n")
    os.rename(HERE + "/conf.new", HERE + "/conf")
    threading.Event().wait()


main()
