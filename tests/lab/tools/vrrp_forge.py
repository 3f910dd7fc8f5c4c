#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vrrp_forge - sends VRRP version 2 adverts that are wrong in a way of one's choice.

usage: vrrp_forge.py INTERFACE SOURCE COUNT KIND...

KIND: good ttl version checksum type interval pass auth length short vrid, all as a master of priority 254 for virtual
router 51 with the password `right' (good: what all the others differ from in one point), or noise: random bytes
"""
import os
import socket
import struct
import sys


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def advert(kind):
    vrid = 77 if kind == "vrid" else 51
    version, what = (3 if kind == "version" else 2), (2 if kind == "type" else 1)
    interval, auth = (3 if kind == "interval" else 1), (0 if kind == "auth" else 1)
    password = b"wrong" if kind == "pass" else b"right"
    body = struct.pack("!BBBBBBH", version << 4 | what, vrid, 254, 1, auth, interval, 0)
    body += socket.inet_aton("10.0.0.101") + password.ljust(8, b"\0")
    total = checksum(body) ^ (0x5555 if kind == "checksum" else 0)
    body = body[:6] + struct.pack("!H", total) + body[8:]
    return {"length": body[:12], "version": body[:12], "short": body[:5], "noise": os.urandom(len(body))}.get(kind, body)


def main():
    interface, source, count, kinds = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    for kind in kinds:
        for _ in range(count):
            body = advert(kind)
            header = struct.pack("!BBHHHBBH4s4s", 0x45, 0xc0, 20 + len(body), 0, 0, 64 if kind == "ttl" else 255, 112, 0,
                                 socket.inet_aton(source), socket.inet_aton("224.0.0.18"))
            sock.sendto(header + body, ("224.0.0.18", 0))


main()
