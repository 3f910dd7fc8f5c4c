#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tunnelled - sends one UDP datagram in a tunnel to a real server and tells what comes back.

   tunnelled.py INTERFACE SERVER_MAC OUTER_DST INNER_DST [fragment] [ce]
Prints "reply from ADDRESS" when the echo of INNER_DST's port 7 arrives with the right contents within a second,
"silence" otherwise. Sender addresses are the first ones of INTERFACE. ce: the outer header carries a congestion
mark; the reply line then ends in " ce" when the server saw the mark on the inner header (it echoes its TOS).
"""
import ipaddress
import os
import socket
import struct
import subprocess
import sys
import json
import time


def csum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def ip_header(src, dst, proto, payload, tos=0, fragment=False):
    if src.version == 4:
        h = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(payload), 1, 0x2000 if fragment else 0x4000, 64, proto, 0,
                        src.packed, dst.packed)
        return h[:10] + struct.pack("!H", csum(h)) + h[12:]
    return struct.pack("!IHBB16s16s", 6 << 28 | tos << 20, len(payload), proto, 64, src.packed, dst.packed)


def udp(src, dst, sport, dport, payload):
    n = 8 + len(payload)
    h = struct.pack("!HHHH", sport, dport, n, 0)
    pseudo = src.packed + dst.packed + (struct.pack("!BBH", 0, 17, n) if src.version == 4 else struct.pack("!II", n, 17))
    return h[:6] + struct.pack("!H", csum(pseudo + h + payload) or 0xffff) + payload


def own_address(dev, version):
    out = subprocess.run(["ip", "-j", "address", "show", "dev", dev, "scope", "global"], check=True,
                         capture_output=True).stdout
    family = "inet" if version == 4 else "inet6"
    return next(ipaddress.ip_address(a["local"]) for a in json.loads(out)[0]["addr_info"] if a["family"] == family)


def main():
    dev, mac, outer_dst, inner_dst = sys.argv[1:5]
    words = sys.argv[5:]
    outer_dst, inner_dst = ipaddress.ip_address(outer_dst), ipaddress.ip_address(inner_dst)
    src = own_address(dev, inner_dst.version)
    tag = os.urandom(8)
    family = socket.AF_INET if inner_dst.version == 4 else socket.AF_INET6
    listener = socket.socket(family, socket.SOCK_DGRAM)
    listener.bind((str(src), 0))
    listener.settimeout(1)
    port = listener.getsockname()[1]
    inner = udp(src, inner_dst, port, 7, tag)
    inner = ip_header(src, inner_dst, 17, inner, tos=2) + inner       # ECT(0)
    proto = 4 if inner_dst.version == 4 else 41
    outer = ip_header(own_address(dev, outer_dst.version), outer_dst, proto, inner, tos=3 if "ce" in words else 0,
                      fragment="fragment" in words) + inner
    own = bytes.fromhex(open("/sys/class/net/%s/address" % dev).read().strip().replace(":", "")) \
        if os.path.exists("/sys/class/net/%s" % dev) else bytes.fromhex("020000000001")
    frame = bytes.fromhex(mac.replace(":", "")) + own + (b"\x08\x00" if outer_dst.version == 4 else b"\x86\xdd") + outer
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((dev, 0))
    out.send(frame)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            data, peer = listener.recvfrom(100)
        except socket.timeout:
            break
        if data[:8] == tag and ipaddress.ip_address(peer[0]) == inner_dst:
            print("reply from", peer[0] + (" ce" if data[8:] and data[8] & 3 == 3 else ""))
            return
    print("silence")


main()
