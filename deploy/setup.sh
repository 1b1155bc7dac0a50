#!/usr/bin/env bash
# Sets up what is missing on Debian 12 with Python 3.11 and Node 20: Debian packages, the Python
# environment from hashed locks, the front end, the translations. Safe to repeat; when nothing
# changed it is done in a fraction of a second. Nothing is started here.
#
# A step is skipped while its stamp holds the hash of what it was made from. Stamps lie in .venv
# and node_modules, so they go when these go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
log=$root/var/log/setup.log
step=0
steps=6

fail() { # zh, en
	printf '\n错误：%s\nError: %s\n' "$1" "$2" >&2
	exit 1
}

begin() { # zh, en: announces a step that has something to do
	printf '[%d/%d] %s / %s\n' "$step" "$steps" "$1" "$2"
}

# Runs a command with its output in the log, showing that it lives: the last line on a terminal,
# a line every 15 seconds elsewhere.
run() {
	local started=$SECONDS shown=$SECONDS pid line
	printf '\n$ %s\n' "$*" >>"$log"
	"$@" >>"$log" 2>&1 </dev/null &
	pid=$!
	trap 'kill "$pid" 2>/dev/null; wait "$pid"; exit 130' INT TERM HUP
	while kill -0 "$pid" 2>/dev/null; do
		if [ -t 1 ]; then
			line=$(tail -n 1 "$log" | tr -d '\r\033' | cut -c1-70)
			printf '\r\033[K      %3d s  %s' $((SECONDS - started)) "$line"
		elif [ $((SECONDS - shown)) -ge 15 ]; then
			printf '      %d s ...\n' $((SECONDS - started))
			shown=$SECONDS
		fi
		sleep 0.3
	done
	[ ! -t 1 ] || printf '\r\033[K'
	if ! wait "$pid"; then
		tail -n 15 "$log" | sed 's/^/      /' >&2
		trap - INT TERM HUP
		fail "命令失败：$*。完整日志：$log" "command failed: $*. Full log: $log"
	fi
	trap - INT TERM HUP
}

# Hash of the named files' contents and of the extra words.
hash_of() { # words -- files
	local words=()
	while [ "$1" != -- ]; do words+=("$1") && shift; done
	shift
	{ printf '%s\n' "${words[@]}"; cat -- "$@"; } | sha256sum | cut -d' ' -f1
}

is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# --- what must be there before -------------------------------------------------------------------

check_system() {
	[ -f /etc/debian_version ] || fail \
		"安装脚本只支持 Debian 12。其他系统请自行安装 deploy/debian-packages.txt 所列软件。" \
		"this set-up is for Debian 12. Elsewhere install the equivalents of deploy/debian-packages.txt yourself."
	node_version=$(node --version 2>/dev/null || true)
	local node_major=${node_version#v}
	node_major=${node_major%%.*}
	[ "${node_major:-0}" -ge 20 ] || fail \
		"需要 Node.js 20 或更新版本（当前：${node_version:-未安装}）。" \
		"Node.js 20 or newer is needed (here: ${node_version:-none})."
	command -v npm >/dev/null || fail "没有找到 npm（随 Node.js 20 提供）。" "npm was not found (it comes with Node.js 20)."
	if ! { mkdir -p var/log && [ -w . ] && : >>"$log"; } 2>/dev/null; then
		fail \
			"当前用户 $(id -un) 不能写 $root。请以该目录所属用户或 root 身份运行。" \
			"the user $(id -un) cannot write $root. Run as the folder's owner or as root."
	fi
	local free
	free=$(df --output=avail -m "$root" | tail -n 1 | tr -d ' ')
	if [ ! -d .venv ] && [ "$free" -lt 2500 ]; then
		fail "磁盘空间不足：只剩 $free MB，首次安装需要约 2500 MB。" "disk nearly full: $free MB left, the first set-up needs about 2500 MB."
	fi
}

# Python 3.11, asked for only where there is no working environment yet.
find_python() {
	local candidate
	for candidate in python3 python3.11 /usr/bin/python3.11; do
		if [ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = 3.11 ]; then
			python=$(command -v "$candidate")
			return 0
		fi
	done
	local found
	found=$(python3 --version 2>/dev/null || true)
	fail \
		"需要 Python 3.11（Debian 12 自带：apt-get install python3 python3-venv），当前 python3：${found:-未安装}。" \
		"Python 3.11 is needed (Debian 12's own: apt-get install python3 python3-venv); python3 here is: ${found:-none}."
}

has_environment() {
	[ "$(.venv/bin/python -c 'import sys; print(sys.prefix, sys.version_info[:2])' 2>/dev/null)" = "$root/.venv (3, 11)" ]
}

# --- 1. Debian packages --------------------------------------------------------------------------

missing_packages() {
	local wanted
	wanted=$(sed 's/#.*//' deploy/debian-packages.txt | tr -s ' \t\n' ' ')
	[ -z "$python" ] || "$python" -c 'import ensurepip, venv' 2>/dev/null || wanted="$wanted python3-venv"
	local name installed
	# shellcheck disable=SC2086 # one word per package
	installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' $wanted 2>/dev/null || true)"
	for name in $wanted; do
		case $installed in *" installed:$name "*) ;; *) printf '%s ' "$name" ;; esac
	done
}

debian_packages() {
	local missing
	missing=$(missing_packages)
	[ -n "$missing" ] || return 0
	missing=${missing% }
	local as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
			as_root=(sudo -n)
		else
			fail \
				"缺少 Debian 软件包，而当前用户 $(id -un) 不是 root、也不能免密码使用 sudo。请管理员执行：apt-get install --no-install-recommends $missing ，然后重新运行。" \
				"Debian packages are missing, and the user $(id -un) is neither root nor allowed sudo without a password. Have an administrator run: apt-get install --no-install-recommends $missing -- then run this again."
		fi
	fi
	begin "安装 Debian 软件包：$missing" "Debian packages"
	# shellcheck disable=SC2086
	run ${as_root[@]+"${as_root[@]}"} bash deploy/install-debian-packages.sh $missing
}

# --- 2. Python -----------------------------------------------------------------------------------

python_environment() {
	local stamp=.venv/.tianqi-requirements hash
	hash=$(hash_of "$root" -- deploy/requirements.lock deploy/build-requirements.lock)
	if [ -z "$python" ] && is_current "$stamp" "$hash"; then return 0; fi
	begin "安装 Python 库到 .venv（首次约 1-3 分钟）" "Python libraries into .venv (the first time 1-3 minutes)"
	[ -z "$python" ] || run "$python" -m venv --clear .venv
	rm -f "$stamp"
	run .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes \
		-r deploy/requirements.lock
	run .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes \
		-r deploy/build-requirements.lock
	printf '%s\n' "$hash" >"$stamp"
}

# The program itself, in place, so that the source here is what runs.
program() {
	local stamp=.venv/.tianqi-program hash
	hash=$(hash_of "$root" "$(ls -d engine forms web 2>/dev/null)" -- pyproject.toml .venv/.tianqi-requirements)
	if is_current "$stamp" "$hash" && [ -x .venv/bin/tianqi ]; then return 0; fi
	begin "安装命令 tianqi" "the command tianqi"
	run .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation \
		--no-index --editable .
	printf '%s\n' "$hash" >"$stamp"
}

# --- 3. Front end --------------------------------------------------------------------------------

front_end() {
	local here=web/frontend hash
	if [ ! -f $here/package.json ]; then
		printf '[%d/%d] 没有 web/frontend/package.json，跳过前端 / no web/frontend/package.json, front end skipped\n' "$step" "$steps"
		return 0
	fi
	local modules=$here/node_modules/.tianqi-lock built=$here/node_modules/.tianqi-built
	hash=$(hash_of "$root" "$node_version" -- $here/package.json $here/package-lock.json)
	if ! is_current "$modules" "$hash"; then
		begin "安装前端库" "front-end libraries"
		run npm --prefix "$root/$here" ci --no-audit --no-fund
		printf '%s\n' "$hash" >"$modules"
	fi
	local sources
	mapfile -d '' sources < <(find $here -name node_modules -prune -o -type f -print0 | sort -z)
	hash=$(hash_of "$root" "${sources[@]}" -- "${sources[@]}")
	if ! is_current "$built" "$hash" || [ ! -d web/static/dist ]; then
		begin "打包前端" "bundling the front end"
		rm -f "$built"
		run npm --prefix "$root/$here" run build
		printf '%s\n' "$hash" >"$built"
	fi
}

# --- 4. Translations -----------------------------------------------------------------------------

translations() {
	local catalogues stamp=.venv/.tianqi-translations hash compiled
	mapfile -d '' catalogues < <(find web/translations -name '*.po' -print0 2>/dev/null | sort -z)
	[ "${#catalogues[@]}" -gt 0 ] || return 0
	hash=$(hash_of "$root" -- "${catalogues[@]}")
	local complete=yes
	for compiled in "${catalogues[@]}"; do [ -f "${compiled%.po}.mo" ] || complete=no; done
	if is_current "$stamp" "$hash" && [ $complete = yes ]; then return 0; fi
	begin "编译翻译" "translations"
	run .venv/bin/pybabel compile --directory web/translations
	printf '%s\n' "$hash" >"$stamp"
}

# --- 5. What tests alone need ----------------------------------------------------------------------

# A certified OpenID provider; an installation that ships without its tests has none of it.
test_provider() {
	local here=tests/oidc hash
	[ -f $here/package.json ] || return 0
	local modules=$here/node_modules/.tianqi-lock
	hash=$(hash_of "$root" "$node_version" -- $here/package.json $here/package-lock.json)
	if is_current "$modules" "$hash"; then return 0; fi
	begin "安装测试用的身份提供方" "the identity provider of the tests"
	run npm --prefix "$root/$here" ci --no-audit --no-fund
	printf '%s\n' "$hash" >"$modules"
}

check_system
python=
has_environment || find_python
exec 9>var/setup.lock
if ! flock --nonblock 9; then
	printf '另一个安装正在进行，等待中 / another set-up is running, waiting\n'
	flock 9
fi
for part in debian_packages python_environment program front_end translations test_provider; do
	step=$((step + 1))
	$part 9>&-
done
