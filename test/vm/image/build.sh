#!/bin/bash
# build.sh OUT: makes the guest's disk (root.ext4), kernel (vmlinuz) and initramfs (initrd.gz) in the folder OUT.
# Debian 12 with systemd, mosquitto, ffmpeg and v4l-utils; kernel modules for USB cameras and QEMU's devices only.
# Root, because it unpacks a system with its owners and device files.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=$1
ROOT=$OUT/root
KERNEL=$OUT/kernel

PACKAGES=systemd,systemd-sysv,udev,dbus,kmod,busybox-static,procps,v4l-utils,ffmpeg,mosquitto,mosquitto-clients,libturbojpeg0,libyuv0

# The drivers that the guest needs; those which they depend on come along (the whole set is 400 MB).
# vhci_hcd is the USB port that uvcsim plugs into; vivid a camera that has what uvcsim has not: ranges of sizes, several
# planes, every kind of control, fatal errors; vim2m and vicodec have an input and an output, as the codecs of boards.
MODULES=(virtio_pci virtio_blk virtio_console virtio_rng 9pnet_virtio 9p ext4 uvcvideo vivid vhci_hcd vim2m vicodec)

make_root() {
  mmdebstrap --mode=root --variant=minbase --include="$PACKAGES" \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/icons/*' \
    --dpkgopt='path-exclude=*/libLLVM-*' --dpkgopt='path-exclude=*/dri/*' \
    bookworm "$ROOT" # the two excluded last are Mesa's drivers: ffmpeg drags them in for windows that nobody opens here
}

# unpack PACKAGE[=VERSION] FOLDER
unpack() {
  (cd "$OUT" && apt-get download -qq "$1")
  dpkg-deb --extract "$OUT/${1%%=*}"_*.deb "$2"
}

# The kernel package is unpacked, not installed: installing would build an initramfs and need a boot loader.
unpack_kernel() {
  local package
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-\)/\1/p' | head -n 1)
  unpack "$package" "$KERNEL"
  VERSION=$(ls "$KERNEL/lib/modules")
  cp "$KERNEL/boot/vmlinuz-$VERSION" "$OUT/vmlinuz"
}

# Debian's kernel leaves the two codec drivers out, and what they stand on: made from its own source, by its own headers.
build_codec_modules() {
  local headers=linux-headers-$VERSION tree=$OUT/headers build=$OUT/codec-modules release source package
  release=$(basename "$(echo "$OUT"/linux-image-*.deb)" | cut -d_ -f2)
  source=linux-source-${VERSION%.*}
  for package in "$headers" "${headers%-*}-common" "linux-kbuild-${VERSION%.*}" "$source"; do
    unpack "$package=$release" "$tree"
  done
  sed -i "s,^include /,include $tree/," "$tree/usr/src/$headers/Makefile"
  mkdir "$build"
  tar --extract --file "$tree/usr/src/$source.tar.xz" --directory "$build" --strip-components=4 --wildcards \
    '*/media/v4l2-core/v4l2-mem2mem.c' '*/media/test-drivers/vim2m.c' '*/media/test-drivers/vicodec/*.[ch]'
  cp "$build"/*/*.[ch] "$build/"
  printf '%s\n' 'obj-m := v4l2-mem2mem.o vim2m.o vicodec.o' \
    'vicodec-objs := vicodec-core.o codec-fwht.o codec-v4l2-fwht.o' >"$build/Kbuild"
  make --silent -C "$tree/usr/src/$headers" M="$build" CONFIG_DEBUG_INFO_BTF_MODULES= modules
  install -D -m 644 -t "$KERNEL/lib/modules/$VERSION/updates" "$build"/*.ko
}

install_modules() {
  local from=$KERNEL/lib/modules/$VERSION to=$ROOT/lib/modules/$VERSION path
  depmod -b "$KERNEL" "$VERSION"
  mkdir -p "$to"
  cp "$from"/modules.{builtin,builtin.modinfo,order} "$to/"
  module_files "$KERNEL" "${MODULES[@]}" | while read -r path; do
    install -D -m 644 "$path" "$to/${path#"$from/"}"
  done
  depmod -b "$ROOT" "$VERSION"
}

# module_files BASE MODULE...: the files of the modules and of those they depend on, in the order in which to load them.
module_files() {
  local base=$1 module
  shift
  for module in "$@"; do
    modprobe -d "$base" -S "$VERSION" --show-depends "$module" | sed -n 's/^insmod \(.*\.ko\).*/\1/p'
  done | awk '!seen[$0]++'
}

configure_root() {
  install -m 755 "$HERE/agent" "$ROOT/usr/local/sbin/agent"
  install -m 644 "$HERE/agent.service" "$ROOT/etc/systemd/system/agent.service"
  echo 'cambox-vm' >"$ROOT/etc/hostname"
  echo '127.0.0.1 localhost cambox-vm' >"$ROOT/etc/hosts"
  # Fixed: an empty or missing id makes systemd take this for a first boot and reset every unit's preset.
  echo 0123456789abcdef0123456789abcdef >"$ROOT/etc/machine-id"
  : >"$ROOT/etc/fstab"
  chroot "$ROOT" systemctl --quiet enable agent.service
  # Not wanted at boot: upkeep timers, and the broker, which a test starts with its own settings.
  chroot "$ROOT" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@tty1.service
  chroot "$ROOT" systemctl --quiet disable mosquitto.service
  rm -rf "$ROOT"/var/cache/apt/* "$ROOT"/var/lib/apt/lists/*
}

make_disk() {
  truncate -s 8G "$OUT/root.ext4" # sparse: takes what is in it, and leaves room for clips
  mkfs.ext4 -q -L root -O '^has_journal' -E lazy_itable_init=1 -m 0 -d "$ROOT" "$OUT/root.ext4"
}

make_initramfs() {
  local tree=$OUT/initramfs path
  mkdir -p "$tree"/{bin,lib,proc,dev,root}
  cp "$ROOT/bin/busybox" "$tree/bin/"
  install -m 755 "$HERE/initramfs-init" "$tree/init"
  module_files "$ROOT" virtio_pci virtio_blk ext4 | while read -r path; do
    cp "$path" "$tree/lib/"
    basename "$path"
  done >"$tree/modules"
  (cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$OUT/initrd.gz"
}

make_root
unpack_kernel
build_codec_modules
install_modules
configure_root
make_disk
make_initramfs
rm -rf "$ROOT" "$KERNEL" "$OUT"/{initramfs,headers,codec-modules} "$OUT"/*.deb
