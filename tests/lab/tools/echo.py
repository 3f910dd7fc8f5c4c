#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""echo - UDP echo on port 7 of the addresses given; appends the TOS octet with which the datagram arrived."""
import select
import socket
import sys

socks = []
for a in sys.argv[1:]:
    v6 = ":" in a
    s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
    if v6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
        s.setsockopt(socket.IPPROTO_IPV6, 78, 1)  # IPV6_FREEBIND
    else:
        s.setsockopt(socket.IPPROTO_IP, 13, 1)  # IP_RECVTOS
        s.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
    s.bind((a, 7))
    socks.append(s)
print("ready", flush=True)
while True:
    for s in select.select(socks, [], [])[0]:
        data, anc, _, peer = s.recvmsg(2000, 200)
        tos = b"".join(d[:1] for _, t, d in anc if t in (1, 67))
        s.sendto(data + tos, peer)
