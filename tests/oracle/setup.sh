#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# setup.sh - builds the guest from Debian packages: the 6.1 kernel that this project promises to run on, with the real
# ip_vs, ipvsadm and keepalived. Everything lands in $ELVS_ORACLE (default /var/tmp/elvs-oracle), about 2 GB; a second
# call finds it and returns at once.
#
# usage: setup.sh [cloud|gen]     (default cloud; gen = the generic kernel, which has more drivers)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${ELVS_ORACLE:-/var/tmp/elvs-oracle}
flavour=${1:-cloud}
mkdir -p "$dir/debs" "$dir/ird"
cd "$dir"
exec 9>"$dir/.lock"	# of two callers at once the second waits, and then finds all done
flock 9

need=()
for p in qemu-system-x86 mmdebstrap e2fsprogs kmod cpio; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || need+=("$p")
done
if [ ${#need[@]} -gt 0 ]; then
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi

# What the guest's scripts and our own programs (built on the host: the same Debian) need in there
packages=netbase,iproute2,ipvsadm,keepalived,iptables,nftables,python3-minimal,curl,tcpdump,conntrack,ethtool
packages+=,libbpf1,bpftool,procps,kmod,netcat-openbsd,busybox,iputils-ping,strace,nginx-light,hping3,libpcap0.8
packages+=,libmnl0,libevent-2.1-7,libcurl4,libjansson4,libpcre2-8-0,libcap-ng0,libseccomp2,libncursesw6
packages+=,libcmocka0,net-tools,socat
if [ ! -f rootfs.tar ]; then
	sources=/etc/apt/sources.list.d/debian.sources
	[ -s "$sources" ] || sources=/etc/apt/sources.list
	echo "oracle: root file system from Debian packages"
	mmdebstrap --quiet --variant=minbase --include="$packages" --format=tar bookworm rootfs.new "$sources"
	mv rootfs.new rootfs.tar
fi
if [ ! -s "root-$flavour.ext4" ] || [ ! -s "vmlinuz-$flavour" ]; then
	echo "oracle: kernel and images ($flavour)"
	meta=linux-image-amd64
	[ "$flavour" != cloud ] || meta=linux-image-cloud-amd64
	apt-get update -qq || true
	image=$(apt-cache depends "$meta" | awk '/Depends:/ { print $2; exit }')
	(cd debs && chmod 777 . && apt-get download -qq "$image" busybox-static)
	rm -rf "k/$flavour"
	mkdir -p "k/$flavour"
	dpkg-deb -x debs/"$image"_*.deb "k/$flavour"
	dpkg-deb -x debs/busybox-static_*.deb ird
	cp "$here/build.sh" "$here/guest-init" .
	./build.sh "$flavour" >/dev/null
	rm -rf "rootdir-$flavour" "irfs-$flavour"
fi
echo "oracle: ready in $dir"
