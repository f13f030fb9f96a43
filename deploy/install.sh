#!/bin/sh
# install.sh [ROOT]: installs what `npm run build` made as a system service, from this checkout into / or, for packaging,
# into the folder ROOT. Keeps a config that is there, and does not start the service.
set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
checkout=$(dirname "$here")
root=${1:-}
app=$root/usr/lib/cambox

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

put() { # put MODE FILE TARGET
  install -D -m "$1" "$2" "$root$3"
}

[ -r "$checkout/dist/cambox.mjs" ] || fail "Cannot install as $checkout/dist is missing. Run: npm run build"
[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "Cannot install into / without root. Run: sudo $0"

# The program. A new folder each time: no file of an older version stays.
rm -rf "$app"
mkdir -p "$app"
cp -R "$checkout/dist/." "$app/"
for program in cambox cambox-usb-reset; do
  put 755 "$here/bin/$program" "/usr/lib/cambox/bin/$program"
done
mkdir -p "$root/usr/bin"
ln -sf ../lib/cambox/bin/cambox "$root/usr/bin/cambox"
for node in "$checkout"/node_modules/node-linux-*/bin/node; do # npm has installed the one for this CPU
  [ ! -x "$node" ] || put 755 "$node" /usr/lib/cambox/node
done

for unit in cambox.service cambox-usb-reset.socket cambox-usb-reset@.service; do
  put 644 "$here/systemd/$unit" "/usr/lib/systemd/system/$unit"
done
version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
if [ "${version:-0}" -ge 254 ]; then
  put 644 "$here/systemd/cambox.service.d/systemd-254.conf" /usr/lib/systemd/system/cambox.service.d/systemd-254.conf
fi
put 644 "$here/systemd/70-cambox.rules" /usr/lib/udev/rules.d/70-cambox.rules
put 644 "$here/systemd/cambox.sysusers.conf" /usr/lib/sysusers.d/cambox.conf
put 644 "$here/systemd/cambox.tmpfiles.conf" /usr/lib/tmpfiles.d/cambox.conf
if [ ! -e "$root/etc/cambox/config.json" ]; then
  put 644 "$checkout/config/default.json" /etc/cambox/config.json
fi

[ -z "$root" ] && [ -d /run/systemd/system ] || exit 0 # a folder, or a machine that runs no systemd now
systemd-sysusers cambox.conf
systemd-tmpfiles --create cambox.conf
udevadm control --reload
udevadm trigger --subsystem-match=video4linux
systemctl daemon-reload
for library in libturbojpeg.so.0:libturbojpeg0 libyuv.so.0:libyuv0; do
  ldconfig -p | grep -qF "${library%%:*} " ||
    echo "install.sh: cameras that give raw pictures need ${library#*:}. Install it: apt-get install ${library#*:}" >&2
done
echo 'cambox is installed. Describe your cameras in /etc/cambox/config.json, then: systemctl enable cambox && systemctl restart cambox'
