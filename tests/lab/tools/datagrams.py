#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""datagrams - UDP datagrams of many sizes, which may be fragmented on their way (IP_PMTUDISC_DONT).

   datagrams.py serve PORT                      answers each with its length and digest, from the address it came to
   datagrams.py send ADDRESS PORT FROM TO [TRIES]   sends one of each size; prints those sizes that did not arrive whole

TRIES: how often a size is sent (1); a sender that first has to learn the path's MTU needs 2.
"""
import hashlib
import os
import socket
import sys

IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, DONT = 10, 23, 0
IPV6_RECVPKTINFO, IP_PKTINFO = 49, 8


def report(data):
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}".encode()


def serve(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
    s.bind(("::", port))
    print("ready", flush=True)
    while True:
        data, info, _, peer = s.recvmsg(65536, 200)
        source = [(level, kind, d) for level, kind, d in info if (level, kind) == (socket.IPPROTO_IPV6, 50)]
        s.sendmsg([report(data)], source, 0, peer)


def send(address, port, first, last, tries):
    v6 = ":" in address
    s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
    if v6:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, DONT)
    else:
        s.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, DONT)
    s.connect((address, port))
    lost = []
    for size in range(first, last + 1):
        data = os.urandom(size)
        for _ in range(tries):
            s.settimeout(1)
            try:
                s.send(data)
                while s.recv(200) != report(data):
                    pass
                break
            except OSError:
                continue
        else:
            lost.append(size)
        if len(lost) > 3:
            break
    print(" ".join(map(str, lost)))


def main():
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), int((sys.argv[6:] or ["1"])[0]))


if __name__ == "__main__":
    main()
