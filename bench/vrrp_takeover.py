#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vrrp_takeover - kills a VRRP master and tells when its backup was first seen on the wire.

usage: vrrp_takeover.py INTERFACE BACKUP-ADDRESS VIP SECONDS PID...      (in a bystander's network namespace)

Prints "ADVERT GARP": milliseconds from the first SIGKILL to the backup's first advert and to its first gratuitous ARP
for VIP, or "-" for what did not come within SECONDS. Time is the listener's when it reads the frame.
"""
import os
import random
import select
import signal
import socket
import sys
import time

ETH_P_ALL = 3


def frames(sock, until):
    """Frames as they come, with the time, until then"""
    while (left := until - time.monotonic()) > 0:
        if select.select([sock], [], [], left)[0]:
            yield sock.recv(2048), time.monotonic()


def is_advert(frame, source):
    return frame[12:14] == b"\x08\x00" and frame[23] in (112, 51) and frame[26:30] == source


def is_garp(frame, vip):
    return frame[12:14] == b"\x08\x06" and frame[28:32] == vip and frame[38:42] == vip


def main():
    interface, backup, vip = sys.argv[1], socket.inet_aton(sys.argv[2]), socket.inet_aton(sys.argv[3])
    seconds, pids = float(sys.argv[4]), [int(p) for p in sys.argv[5:]]
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.bind((interface, 0))
    # the phase within the advertisement interval is chance: so that no program's start-up decides it
    for _ in frames(sock, time.monotonic() + random.random()):
        pass
    begin = time.monotonic()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    advert = garp = None
    for frame, now in frames(sock, begin + seconds):
        if advert is None and is_advert(frame, backup):
            advert = now
        if garp is None and is_garp(frame, vip):
            garp = now
        if advert and garp:
            break
    print(*(f"{(t - begin) * 1000:.2f}" if t else "-" for t in (advert, garp)))


main()
