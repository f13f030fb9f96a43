#!/bin/bash
# setup.sh: makes what the VM tests need, once, in ${XDG_CACHE_HOME:-~/.cache}/cambox-vm, from nothing but Debian 12.
# Each part lies in a folder named after a hash of what it is made from: a changed recipe is built again, an unchanged one
# is reused. Says on stderr what it does; prints the two folders, the guest's image and the camera, on stdout.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cambox-vm

say() { echo "vm setup: $*" >&2; }

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
  if [ "$(id -u)" != 0 ]; then
    say "Cannot run the VM tests as Debian packages are missing. Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
    exit 1
  fi
  say "installing ${missing[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PART FILE...: runs make_PART in a new folder unless one made from the same FILEs is there; prints its path.
build() {
  local part=$1 key folder started=$SECONDS
  shift
  key=$(cat "$@" | sha256sum | cut -c1-16)
  folder=$CACHE/$part-$key
  if [ ! -d "$folder" ]; then
    say "making the $part in $folder"
    rm -rf "$CACHE/$part-"* # earlier recipes, and an attempt that was cut short
    mkdir -p "$folder.partial"
    "make_$part" "$folder.partial" >&2
    mv "$folder.partial" "$folder"
    say "made the $part in $((SECONDS - started)) s"
  fi
  echo "$folder"
}

make_image() {
  if [ "$(id -u)" != 0 ]; then
    say "Cannot make the guest's image as only root can unpack a system. Run once: sudo env XDG_CACHE_HOME='${XDG_CACHE_HOME:-$HOME/.cache}' '$HERE/setup.sh'"
    exit 1
  fi
  need_packages mmdebstrap kmod cpio e2fsprogs
  apt-get update -qq
  "$HERE/image/build.sh" "$1"
}

make_camera() {
  need_packages gcc libc6-dev ffmpeg
  gcc -O2 -Wall -Wextra -static -o "$1/uvcsim" "$HERE"/uvcsim/*.c
  local size
  for size in 640x480 1280x720; do # 4:2:2, as USB cameras send it
    ffmpeg -v error -f lavfi -i "testsrc2=size=$size:rate=30" -frames:v 60 -c:v mjpeg -q:v 5 -pix_fmt yuvj422p \
      -f mjpeg "$1/$size.mjpg"
  done
}

mkdir -p "$CACHE"
exec 9>"$CACHE/lock"
flock 9 # two runs at once: the second waits and finds everything made
need_packages qemu-system-x86
build image "$HERE"/image/*
build camera "$HERE/setup.sh" "$HERE"/uvcsim/*
