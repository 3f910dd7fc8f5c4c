#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""checked - a real server with one service of each kind, for labs of health checks.

usage: checked.py DIRECTORY     good while DIRECTORY/mode says good, else each fails in its own way

tcp 8081 HTTP, 8443 HTTPS (DIRECTORY/cert.pem, key.pem), 8082 HTTP that trickles for ever, 25 SMTP (mails to
DIRECTORY/mail), 9000 agent; udp 53 DNS, 7 echo. Says "ready" on DIRECTORY/ready.
"""
import os
import socket
import socketserver
import ssl
import sys
import threading
import time

HERE = sys.argv[1]


def good():
    with open(HERE + "/mode", encoding="ascii") as f:
        return f.read().strip() == "good"


class Web(socketserver.StreamRequestHandler):
    def handle(self):
        asked = b""
        while b"\r\n\r\n" not in asked:
            more = self.request.recv(4096)
            if not more:
                return
            asked += more
        with open(HERE + "/asked", "ab") as f:
            f.write(asked)
            if isinstance(self.request, ssl.SSLSocket) and self.request.getpeercert():
                f.write(b"Client: " + self.request.getpeercert()["subject"][0][0][1].encode() + b"\r\n")
        if b"/moved" in asked.split(b"\r\n")[0]:
            answer = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
        elif b"/chunked" in asked.split(b"\r\n")[0]:
            answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n2\r\no\n\r\n0\r\n\r\n"
        elif good():
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"
        else:
            answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
        self.request.sendall(answer)


class Trickle(socketserver.StreamRequestHandler):
    def handle(self):
        self.request.recv(4096)
        self.request.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            self.request.sendall(b".")
            time.sleep(0.1)


class Smtp(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text + b"\r\n")

    def handle(self):
        self.say(b"220-checked ESMTP\r\n220 ready" if good() else b"554 no service")
        for line in self.rfile:
            word = line.strip().upper().split(b" ")[0]
            if word == b"DATA":
                self.say(b"354 go on")
                self.mail()
            elif word == b"QUIT":
                self.say(b"221 bye")
                return
            else:
                with open(HERE + "/mail", "ab") as f:
                    f.write(line)
                self.say(b"250 fine")

    def mail(self):
        with open(HERE + "/mail", "ab") as f:
            for line in self.rfile:
                f.write(line)
                if line == b".\r\n":
                    break
        self.say(b"250 taken")


class Agent(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"75% up\n" if good() else b"down#disk full\n")


class Dns(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        sock.sendto(query[:2] + (b"\x81\x80" if good() else b"\x81\x82") + query[4:], self.client_address)


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        sock = self.request[1]
        sock.sendto(b"pong" if good() else b"ping", self.client_address)


class Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    address_family = socket.AF_INET6

    def handle_error(self, request, client_address):
        pass


class Tls(Tcp):
    def get_request(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(HERE + "/cert.pem", HERE + "/key.pem")
        context.load_verify_locations(HERE + "/cert.pem")
        context.verify_mode = ssl.CERT_OPTIONAL
        sock, address = super().get_request()
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address


class Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()


for port, handler in ((8081, Web), (8082, Trickle), (25, Smtp), (9000, Agent)):
    serve(Tcp(("::", port), handler))
serve(Tls(("::", 8443), Web))
serve(Udp(("0.0.0.0", 53), Dns))
serve(Udp(("0.0.0.0", 7), Echo))
with open(HERE + "/ready", "w", encoding="ascii") as ready:
    ready.write(str(os.getpid()))
while True:
    time.sleep(3600)
