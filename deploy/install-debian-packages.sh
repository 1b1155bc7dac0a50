#!/usr/bin/env bash
# Installs the named Debian packages as root without letting them start anything: no system
# database cluster is created, no system service is started now or at the next boot. What the
# machine had configured for that stays as it was.
#
# Called by setup.sh with the packages that are missing.
set -euo pipefail
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d
drop_in=$clusters/tianqi-set-up.conf
kept=

restore() {
	rm -f "$drop_in"
	rmdir "$clusters" 2>/dev/null || true
	rm -f "$policy"
	[ -z "$kept" ] || mv "$kept" "$policy"
}
trap restore EXIT
trap 'exit 130' INT TERM HUP

if [ -e "$policy" ]; then
	kept=$(mktemp -u "$policy.tianqi-XXXXXX")
	mv "$policy" "$kept"
fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"
mkdir -p "$clusters"
printf "create_main_cluster = false\n" >"$drop_in"

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends "$@"

# The package enables its own server for the next boot; this program brings its own.
case " $* " in
*" redis-server "*)
	if command -v systemctl >/dev/null; then systemctl disable --quiet redis-server.service || true; fi
	;;
esac
