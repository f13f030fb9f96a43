#!/bin/bash
# setup.sh: makes what the VM tests need, once, in ${XDG_CACHE_HOME:-~/.cache}/cambox-vm, from nothing but Debian 12 on amd64.
# Each part lies in a folder named after a hash of what it is made from: a changed recipe is built again, an unchanged one
# is reused. Says on stderr what it does; prints the two folders, the guest's image and the camera, on stdout.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cambox-vm

PACKAGES=(
  qemu-system-x86                          # the machine
  mmdebstrap kmod cpio e2fsprogs           # its image
  make xz-utils                            # drivers that its kernel package lacks
  gcc libc6-dev ffmpeg libjpeg-turbo-progs # its camera and pictures
)

say() { echo "vm setup: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# need_packages PACKAGE...: installs what is missing; stops with the line to type when that takes root.
need_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  local install="apt-get install -y --no-install-recommends ${missing[*]}"
  [ "$(id -u)" = 0 ] || fail "Debian packages are missing. Run: sudo apt-get update && sudo $install"
  say "installing ${missing[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null
}

# build PART FILE...: runs make_PART in a new folder unless one made from the same FILEs is there; prints its path.
build() {
  local part=$1 key folder started=$SECONDS
  shift
  key=$(cat "$@" | sha256sum | cut -c1-16)
  folder=$CACHE/$part-$key
  if [ ! -d "$folder" ]; then
    # Only root can unpack a system with its owners and device files.
    [ "$(id -u)" = 0 ] || fail "Root has to make the $part, once. Run: sudo env XDG_CACHE_HOME='${CACHE%/*}' '$HERE/setup.sh'"
    say "making the $part in $folder"
    rm -rf "$CACHE/$part-"* # earlier recipes, and an attempt that was cut short
    mkdir "$folder.partial"
    "make_$part" "$folder.partial" >&2
    mv "$folder.partial" "$folder"
    say "made the $part in $((SECONDS - started)) s"
  fi
  echo "$folder"
}

make_image() {
  apt-get update -qq # the kernel's package is downloaded
  "$HERE/image/build.sh" "$1"
}

make_camera() {
  gcc -O2 -Wall -Wextra -static -o "$1/uvcsim" "$HERE"/uvcsim/*.c
  local size picture
  for size in 640x480 1280x720 1920x1080; do
    ffmpeg -v error -f lavfi -i "testsrc2=size=$size:rate=30" -frames:v 30 "$1/%02d.ppm"
    # 4:2:2 as USB cameras send it. (ffmpeg's own encoder would write sampling factors of 2x2, 1x2, 1x2, which RTP cannot carry.)
    for picture in "$1"/*.ppm; do cjpeg -quality 85 -sample 2x1 "$picture"; done >"$1/$size.mjpg"
    ffmpeg -v error -f lavfi -i "color=black:size=$size" -frames:v 1 -y "$1/01.ppm"
    cjpeg -quality 85 -sample 2x1 "$1/01.ppm" >"$1/$size-black.mjpg"
    rm "$1"/*.ppm
  done
}

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || fail 'The VM tests need Debian 12 on amd64'
need_packages "${PACKAGES[@]}"
mkdir -p "$CACHE"
exec 9<"$CACHE"
flock 9 # two runs at once: the second waits and finds everything made
build image "$HERE"/image/*
build camera "$HERE/setup.sh" "$HERE"/uvcsim/*
