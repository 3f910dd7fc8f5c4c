#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""first - starts a program and tells how long a client waited for its first answer.

usage: first.py VIP SECONDS COMMAND...      (in the client's network namespace; COMMAND finds its own)

A new connection to port 80 is tried every 2 ms and none is waited for alone: one whose SYN was lost does not count for
its retransmission. Prints the milliseconds from just before COMMAND is started to the last byte of the first answer
to an HTTP request; an error, and status 1, if there is none within SECONDS or there was one before COMMAND.
"""
import select
import socket
import subprocess
import sys
import time

EVERY, PATIENCE = 0.002, 0.3


class Tries:
    """Connections under way"""

    def __init__(self, vip):
        self.to = (vip, 80)
        self.poll = select.poll()
        self.open = {}

    def new(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        s.connect_ex(self.to)
        self.open[s.fileno()] = (s, time.monotonic())
        self.poll.register(s, select.POLLOUT)

    def drop(self, fd):
        self.poll.unregister(fd)
        self.open.pop(fd)[0].close()

    def answered(self, milliseconds):
        """Waits that long at most; whether an answer has come"""
        for fd, events in self.poll.poll(milliseconds):
            s = self.open[fd][0]
            try:
                if events & select.POLLOUT and not events & (select.POLLERR | select.POLLHUP):
                    s.send(b"GET / HTTP/1.0\r\n\r\n")
                    self.poll.modify(fd, select.POLLIN)
                elif events & select.POLLIN and b"200 OK" in s.recv(4096):
                    return True
                else:
                    self.drop(fd)
            except OSError:
                self.drop(fd)
        for fd in [fd for fd, (_, since) in self.open.items() if time.monotonic() > since + PATIENCE]:
            self.drop(fd)
        return False


def wait(tries, until):
    """The time of the first answer, None if there is none until then"""
    due = 0
    while time.monotonic() < until:
        if time.monotonic() >= due and len(tries.open) < 300:
            tries.new()
            due = time.monotonic() + EVERY
        if tries.answered(1):
            return time.monotonic()
    return None


def main():
    vip, seconds, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    if wait(Tries(vip), time.monotonic() + 0.1):
        sys.exit(f"first.py: {vip} answers before anything was started")
    tries = Tries(vip)
    begin = time.monotonic()
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    at = wait(tries, begin + seconds)
    if not at:
        sys.exit(f"first.py: no answer of {vip} within {seconds} s")
    print(f"{(at - begin) * 1000:.1f}")


main()
