#!/bin/sh
# with.sh [WHAT...] -- FILE|NODE-OPTIONS [ARGS...]
#
# Runs a TypeScript file of this checkout with the pinned Node, after making sure that everything it needs is there:
# the Debian packages behind each WHAT, and node_modules as package-lock.json has them. Says in one line what it
# installs; does nothing when all is there. Messages go to stderr, so that results on stdout stay clean.
set -eu

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
say() { printf 'cambox: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
has_headers() { echo '#include <linux/videodev2.h>' | "$1-gcc" -E -o /dev/null - 2>/dev/null; }
has_library() { ls "/usr/lib/$(uname -m)-linux-gnu/$1" >/dev/null 2>&1; }
has_gst_element() { have gst-inspect-1.0 && gst-inspect-1.0 "$1" >/dev/null 2>&1; }

# --- Debian packages -------------------------------------------------------------------------------------------------

missing=
need() { # need PACKAGE TEST...: remember the package when the test fails
  package=$1
  shift
  "$@" || missing="$missing $package"
}

while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    ffmpeg) need ffmpeg have ffmpeg ;;
    mosquitto)
      need mosquitto have mosquitto
      need mosquitto-clients have mosquitto_pub
      ;;
    gstreamer)
      need gstreamer1.0-tools have gst-launch-1.0
      need gstreamer1.0-plugins-base has_gst_element videotestsrc
      need gstreamer1.0-plugins-good has_gst_element rtpjpegdepay
      need gstreamer1.0-plugins-bad has_gst_element srtpdec
      ;;
    jpeg) need libjpeg-turbo-progs have cjpeg ;;
    encoder)
      need libturbojpeg0 has_library libturbojpeg.so.0
      need libyuv0 has_library libyuv.so.0
      ;;
    exif) need libimage-exiftool-perl have exiftool ;;
    age) need age have age ;;
    strace) need strace have strace ;;
    network) need iproute2 have ip ;;
    systemd) need systemd have systemd-analyze ;;
    compiler) # for this CPU, and for the two that boxes have
      need gcc have gcc
      need gcc-x86-64-linux-gnu have x86_64-linux-gnu-gcc
      need gcc-aarch64-linux-gnu have aarch64-linux-gnu-gcc
      need libc6-dev-amd64-cross has_headers x86_64-linux-gnu
      need libc6-dev-arm64-cross has_headers aarch64-linux-gnu
      need libc6-dev test -e /usr/include/stdio.h
      need linux-libc-dev test -e /usr/include/linux/videodev2.h
      ;;
    *)
      say "with.sh does not know how to install $1"
      exit 64
      ;;
  esac
  shift
done
[ $# -gt 0 ] && shift

if [ -n "$missing" ]; then
  install="apt-get install -y --no-install-recommends$missing"
  if [ "$(id -u)" != 0 ] || ! have apt-get; then
    say "these Debian packages are missing:$missing"
    say "install them with: sudo apt-get update && sudo $install"
    exit 69
  fi
  say "installing Debian packages:$missing"
  log=$(mktemp)
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install; } >"$log" 2>&1; then
    cat "$log" >&2
    say "this failed: apt-get update && $install"
    exit 69
  fi
  rm -f "$log"
fi

# --- node_modules ------------------------------------------------------------------------------------------------------

stamp=$root/node_modules/.cambox-lock
lock=$(cksum <"$root/package-lock.json")
if [ ! -e "$stamp" ] || [ "$(cat "$stamp")" != "$lock" ]; then
  if ! have npm; then
    say "npm is missing; install it with: sudo apt-get install -y npm"
    exit 69
  fi
  say "installing node_modules (npm ci)"
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error >&2)
  printf '%s' "$lock" >"$stamp"
fi

# --- Node ----------------------------------------------------------------------------------------------------------------

node=$root/node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=$(command -v node || :)
  if [ -z "$node" ] || ! "$node" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 24 ? 0 : 1)'; then
    say "no Node 24 for $(uname -m): npm has it for x64 and arm64 only; put a node >= 24 on the PATH"
    exit 69
  fi
fi
PATH=$root/node_modules/.bin:$PATH
export PATH
cd "$root"
exec "$node" "$@"
