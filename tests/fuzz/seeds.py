#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds - writes first inputs for the fuzz targets into a directory each; run by hand, then `run.sh fuzz` takes over.

usage: seeds.py DIR
"""
import os
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def eth(kind, rest, tags=()):
    tag = b"".join(struct.pack("!HH", 0x8100, t) for t in tags)
    return bytes.fromhex("020000000001" "0200000000fe") + tag + struct.pack("!H", kind) + rest


def ip4(proto, rest, options=b"", frag=0x4000):
    head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(rest), 1, frag, 64, proto, 0)
    return head + bytes([10, 0, 0, 2, 10, 1, 0, 100]) + options + rest


def ip6(proto, rest):
    a = bytes.fromhex("fd00" + "00" * 13 + "02")
    b = bytes.fromhex("fd000001" + "00" * 10 + "0100")
    return struct.pack("!IHBB", 6 << 28, len(rest), proto, 64) + a + b + rest


def tcp():
    return struct.pack("!HHIIBBHHH", 30000, 80, 1, 0, 0x50, 2, 64240, 0, 0)


def udp():
    return struct.pack("!HHHH", 30000, 53, 12, 0) + b"seed"


def frames():
    dst = bytes([0, 0, 1, 4, 0, 0, 0, 0])
    yield eth(0x0800, ip4(6, tcp()))
    yield eth(0x0800, ip4(17, udp()))
    yield eth(0x0800, ip4(6, tcp(), options=b"\1" * 8))
    yield eth(0x0800, ip4(17, udp(), frag=0x2000))
    yield eth(0x0800, ip4(17, udp(), frag=0x0003))
    yield eth(0x0800, ip4(4, ip4(6, tcp())))
    yield eth(0x0800, ip4(1, b"\x08\x00\xf7\xff\0\0\0\0"))
    yield eth(0x86dd, ip6(6, tcp()))
    yield eth(0x86dd, ip6(17, udp()))
    yield eth(0x86dd, ip6(60, b"\x06" + dst[1:] + tcp()))
    yield eth(0x86dd, ip6(0, b"\x3c" + dst[1:] + b"\x2b" + dst[1:] + b"\x11" + dst[1:] + udp()))
    yield eth(0x86dd, ip6(44, struct.pack("!BBHI", 17, 0, 1, 7) + udp()))
    yield eth(0x86dd, ip6(44, struct.pack("!BBHI", 6, 0, 0x0101, 7) + tcp()))
    yield eth(0x0800, ip4(6, tcp()), tags=(5,))
    yield eth(0x86dd, ip6(17, udp()), tags=(5, 6))
    yield eth(0x0806, b"\0\1\x08\0\6\4\0\1")
    needed = struct.pack("!BBHHH", 3, 4, 0, 0, 1400)
    yield eth(0x0800, ip4(1, needed + ip4(6, tcp())))
    yield eth(0x0800, ip4(1, needed + ip4(17, udp(), options=b"\1" * 8)[:36]))
    yield eth(0x0800, ip4(1, needed + ip4(4, ip4(6, tcp()))))
    yield eth(0x0800, ip4(1, needed + ip4(41, ip6(6, tcp()))))
    big = struct.pack("!BBHI", 2, 0, 0, 1400)
    yield eth(0x86dd, ip6(58, big + ip6(6, tcp())))
    yield eth(0x86dd, ip6(58, big + ip6(60, b"\x06" + dst[1:] + tcp())))
    yield eth(0x86dd, ip6(58, big + ip6(44, struct.pack("!BBHI", 17, 0, 1, 7) + udp())))
    yield eth(0x86dd, ip6(58, big + ip6(41, ip6(17, udp()))))
    yield eth(0x86dd, ip6(58, big + ip6(4, ip4(17, udp()))))


def attr(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def message(cmd, flags, attrs=b""):
    body = struct.pack("=BBH", cmd, 1, 0) + attrs
    return struct.pack("=IHHII", 16 + len(body), 0x20, flags | 1, 7, 9) + body


def messages():
    a4, a6 = bytes([10, 1, 0, 100]) + b"\0" * 12, bytes.fromhex("fd000001" + "00" * 10 + "0100")
    ident = attr(1, struct.pack("=H", 2)) + attr(2, struct.pack("=H", 6)) + attr(3, a4) + attr(4, struct.pack("!H", 80))
    full = ident + attr(6, b"wlc\0") + attr(7, struct.pack("=II", 1, 0xffffffff)) + attr(8, struct.pack("=I", 360)) + \
        attr(9, b"\xff" * 4) + attr(11, b"sip\0")
    six = attr(1, struct.pack("=H", 10)) + attr(2, struct.pack("=H", 17)) + attr(3, a6) + attr(4, b"\0\x35") + \
        attr(6, b"rr\0") + attr(7, struct.pack("=II", 0, 0xffffffff)) + attr(8, b"\0" * 4) + attr(9, struct.pack("=I", 64))
    mark = attr(1, struct.pack("=H", 2)) + attr(5, struct.pack("=I", 10))
    dest = attr(1, a4) + attr(2, b"\0\x50") + b"".join(attr(k, struct.pack("=I", v)) for k, v in
                                                      ((3, 3), (4, 1), (5, 0), (6, 0))) + \
        attr(11, struct.pack("=H", 2)) + attr(13, b"\1") + attr(14, b"\x15\xb3") + attr(15, struct.pack("=H", 1))
    daemon = attr(1, struct.pack("=I", 1)) + attr(2, b"eth0\0") + attr(3, struct.pack("=I", 3)) + attr(8, b"\1")
    yield message(15, 0)
    for cmd in (1, 2):
        yield message(cmd, 4, attr(1, full))
        yield message(cmd, 4, attr(1, six))
    yield message(1, 4, attr(1, mark + full[len(ident):]))
    yield message(3, 4, attr(1, ident))
    yield message(4, 0x300)
    yield message(4, 0x300, attr(1, b""))
    for cmd in (5, 6, 7):
        yield message(cmd, 4, attr(1, ident) + attr(2, dest))
    yield message(8, 0x300, attr(1, mark))
    for cmd in (9, 10):
        yield message(cmd, 4, attr(3, daemon))
    yield message(11, 0x300)
    yield message(12, 4, b"".join(attr(k, struct.pack("=I", k)) for k in (4, 5, 6)))
    yield message(16, 4)
    yield message(17, 4)
    for cmd in range(64, 80):
        yield message(cmd, 0x300, attr(69, b"eth0\0") + attr(71, struct.pack("=I", 3)))
    yield message(74, 4, attr(73, struct.pack("=I", 1)))


def lines():
    cases = os.path.join(HERE, "../golden")
    seen = set()
    for where, _, names in os.walk(cases):
        for name in names:
            if not name.endswith((".txt", ".cmd")):
                continue
            with open(os.path.join(where, name), encoding="utf-8", errors="replace") as f:
                for line in f:
                    m = re.search(r"ipvsadm +(-.*)", line)
                    if m:
                        seen.add(m.group(1).strip()[:200])
    return [s.encode() for s in sorted(seen)]


LANGUAGE = [
    b"$A=1 # c\n$B=${A}2\na $A ${B}x \"${U}\" ${U}\n",
    b"$V= \\\nv ${I} { \\\n  ~SEQ(J, 1, 2) w $J \\\n  @main x \\\n}\n~SEQ(I, 3, -1, 1) $V\n",
    b"~SEQx(I, 0x90, 0x10, 0xc0) ~LST({A, B}, {1,2},{3,4}) a ${I}:${A}${B}\n~LST(I, 1, 2) b $I { c }\n",
    b"%%% /a/main\ninclude *.inc\nincludea {x,y}.inc\na {\ninclude x.inc\n%%% /a/x.inc\nb }\n${_PWD}\n%%% /a/y.inc\ninclude x.inc\n",
    b"global_defs {\n include_check -match\n random_seed 7\n}\na ${_RANDOM 1 5} ${_ENV HOME} ${_HASH}${_BANG}\n",
    "state\u00a0MASTER //\u4e3b\n\u201ca b\u201d \uff5b x \uff5d \uff03 y\u200b\n".encode(),
    b"a \\\n b\r\n\"c d\n}\n{ e }\n@ f\n@^main g\n$A=${A}\nh $A\n~SEQ(I,1) \\# \\! \\\" x\n",
]


def configurations():
    yield from LANGUAGE
    for folder in ("samples", "seeds"):
        where = os.path.join(HERE, "../conf", folder)
        for name in sorted(os.listdir(where)):
            with open(os.path.join(where, name), "rb") as f:
                yield f.read()


def bus_message(kind, flags, fields, sig=b"", body=b"", big=False):
    end = ">" if big else "<"
    text = b""
    for code, of, value in [*fields, (8, b"g", sig)] if sig else fields:
        text += b"\0" * (-len(text) % 8) + bytes([code, 1]) + of + b"\0"
        if of == b"u":
            text += struct.pack(end + "I", value)
        else:
            text += (bytes([len(value)]) if of == b"g" else struct.pack(end + "I", len(value))) + value + b"\0"
    head = (b"B" if big else b"l") + bytes([kind, flags, 1]) + struct.pack(end + "III", len(body), 7, len(text))
    return head + text + b"\0" * (-len(text) % 8) + body


def bus_messages():
    root = b"/org/keepalived/Vrrp1"
    one = root + b"/Instance/eth0/51/IPv4"
    own = b"org.keepalived.Vrrp1."
    bus = b"org.freedesktop.DBus."

    def call(path, interface, member, *strings, sig=b"", rest=b"", flags=0, big=False):
        body = b""
        for text in strings:
            body += b"\0" * (-len(body) % 4) + struct.pack(">I" if big else "<I", len(text)) + text + b"\0"
        fields = [(1, b"o", path), (2, b"s", interface), (3, b"s", member), (7, b"s", b":1.9")]
        return bus_message(1, flags, fields, sig or b"s" * len(strings), body + rest, big)

    def each(path, interface, *members):
        return b"".join(call(path, interface, member) for member in members)

    yield each(root + b"/Vrrp", own + b"Vrrp", b"PrintData", b"ReloadConfig", b"Nope")
    yield call(one, own + b"Instance", b"SendGarp", flags=1) + call(one, b"", b"SendGarp", b"x")
    yield b"".join(call(p, bus + b"Introspectable", b"Introspect") for p in (b"/", root, one, b"/x"))
    yield call(one, bus + b"Properties", b"Get", own + b"Instance", b"State", big=True)
    yield call(one, bus + b"Properties", b"GetAll", own + b"Instance") + call(one, bus + b"Peer", b"Ping")
    yield call(one, bus + b"Properties", b"Set", own + b"Instance", b"Name", sig=b"ssv",
               rest=b"\1s\0\0\0\0\0\0\0")
    yield (bus_message(2, 1, [(5, b"u", 2), (6, b"s", b":1.9")], b"u", b"\1\0\0\0")
           + bus_message(3, 1, [(4, b"s", bus + b"Error.X"), (5, b"u", 2)], b"s", b"\1\0\0\0x\0"))
    yield bus_message(4, 1, [(1, b"o", b"/org"), (2, b"s", bus[:-1]), (3, b"s", b"NameAcquired"),
                              (200, b"u", 5), (9, b"u", 0)], b"s", b"\1\0\0\0x\0")


def main():
    for name, inputs in (("parse", frames()), ("ctl", messages()), ("args", lines()), ("conf", configurations()),
                         ("dbus", bus_messages())):
        where = os.path.join(sys.argv[1], name)
        os.makedirs(where, exist_ok=True)
        for i, data in enumerate(inputs):
            with open(os.path.join(where, f"seed-{i:03}"), "wb") as f:
                f.write(data)


if __name__ == "__main__":
    main()
