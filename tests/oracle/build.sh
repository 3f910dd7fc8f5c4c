#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh - kernel, initramfs and root disk of the guest from what setup.sh has fetched. usage: build.sh cloud|gen
set -euo pipefail
cd "$(dirname "$0")"
fl=${1:-cloud}
kv=$(basename "k/$fl"/lib/modules/*)
cp "k/$fl/boot/vmlinuz-$kv" "vmlinuz-$fl"
depmod -b "k/$fl" "$kv"

# a small initramfs: the modules of the root disk, then switch_root
ir=irfs-$fl
rm -rf "$ir"
mkdir -p "$ir"/{bin,dev,proc,sys,mnt,mod}
cp ird/bin/busybox "$ir/bin/busybox"
ln -s busybox "$ir/bin/sh"
: >"$ir/mod/order"
for m in virtio_blk virtio_pci ext4 crc32c_generic; do
	modprobe -d "$PWD/k/$fl" -S "$kv" --show-depends "$m" 2>/dev/null | awk '$1 == "insmod" { print $2 }' |
		while read -r f; do
			b=$(basename "$f")
			[ -e "$ir/mod/$b" ] || { cp "$f" "$ir/mod/$b"; echo "$b" >>"$ir/mod/order"; }
		done
done
cat >"$ir/init" <<'INIT'
#!/bin/sh
B=/bin/busybox
$B mount -t proc p /proc; $B mount -t sysfs s /sys; $B mount -t devtmpfs d /dev
while read m; do $B insmod /mod/$m; done < /mod/order
n=0; while [ ! -b /dev/vda ] && [ $n -lt 100 ]; do $B usleep 20000; n=$((n+1)); done
$B mount -t ext4 /dev/vda /mnt || { echo "initramfs: cannot mount root"; $B poweroff -f; }
$B umount /proc; $B umount /sys; $B mount -o move /dev /mnt/dev
exec $B switch_root /mnt /guest-init
INIT
chmod +x "$ir/init"
(cd "$ir" && find . | cpio -o -H newc --quiet) >"initrd-$fl.img"

# the root disk
rd=rootdir-$fl
rm -rf "$rd"
mkdir "$rd"
tar -C "$rd" -xpf rootfs.tar
mkdir -p "$rd"/{lib/modules,share,out,boot}
cp -a "k/$fl/lib/modules/$kv" "$rd/lib/modules/"
cp "k/$fl/boot/config-$kv" "$rd/boot/"
for x in hosts passwd group services protocols; do echo "$x: files"; done >"$rd/etc/nsswitch.conf"
rm -f "$rd/etc/resolv.conf"
cp guest-init "$rd/guest-init"
chmod +x "$rd/guest-init"
rm -rf "$rd"/usr/share/{doc,man,locale} "root-$fl.ext4"
mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1 -d "$rd" "root-$fl.ext4" "${SIZE:-900M}"
