#!/usr/bin/env bash
# install_deps.sh [--tests]: installs the distribution's packages that drf needs (Debian 12, Ubuntu 24.04), with --tests
# also what the tests need. Only this needs root, and only when a package is missing; without root it says which ones.
# FFmpeg's libraries and libcurl are optional.
set -euo pipefail

required=(g++ cmake ninja-build pkg-config nlohmann-json3-dev libtomlplusplus-dev libcli11-dev
          libpcre2-dev libsentencepiece-dev libutf8proc-dev zlib1g-dev python3 python3-venv)
[ "${1:-}" != --tests ] || required+=(libgtest-dev wordnet-base)
optional=(libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libcurl4-openssl-dev ccache)

if ! command -v dpkg-query >/dev/null; then
  echo "install_deps: no dpkg here; install these yourself: ${required[*]} (optional: ${optional[*]})" >&2
  exit 0
fi

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }
# A tool may be there without its Debian package (for example a cmake or python of your own).
have() {
  case "$1" in
    cmake) command -v cmake ;;
    ninja-build) command -v ninja ;;
    pkg-config) command -v pkg-config ;;
    g++) command -v g++ ;;
    python3) command -v python3 ;;
    python3-venv) python3 -c 'import ensurepip, venv' ;;
    *) false ;;
  esac >/dev/null 2>&1
}

missing_of() {
  local package
  for package in "$@"; do
    installed "$package" || have "$package" || echo "$package"
  done
}
missing=($(missing_of "${required[@]}"))
wanted=($(missing_of "${optional[@]}"))
[ ${#missing[@]} -eq 0 ] && [ ${#wanted[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then sudo=(); elif command -v sudo >/dev/null; then sudo=(sudo); else sudo=(); fi
if [ "$(id -u)" -ne 0 ] && [ ${#sudo[@]} -eq 0 ]; then
  if [ ${#missing[@]} -gt 0 ]; then
    echo "install_deps: missing packages, and neither root nor sudo to install them. Ask for:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "install_deps: optional packages are missing (video files, servers that write questions, faster rebuilds): ${wanted[*]}" >&2
  exit 0
fi
if [ ${#missing[@]} -eq 0 ] && [ "$(id -u)" -ne 0 ]; then
  echo "install_deps: optional packages are missing (video files, servers that write questions, faster rebuilds): apt-get install ${wanted[*]}" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
echo "install_deps: installing ${missing[*]} ${wanted[*]}" >&2
"${sudo[@]}" apt-get update -qq
[ ${#missing[@]} -eq 0 ] || "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
[ ${#wanted[@]} -eq 0 ] || "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null ||
  echo "install_deps: going on without ${wanted[*]}" >&2
