# Sourced by the scripts beside this folder: which packages Assay needs, and how they get installed.
# Supports Debian 12, Debian 13 and Ubuntu 24.04, as root or with sudo. Installs nothing that is there.

# The names are the same on all three distributions, but for FLINT 2's companions (see the end).
ASSAY_PACKAGES=(
  build-essential cmake ninja-build pkg-config ccache ca-certificates
  nlohmann-json3-dev libfmt-dev libyaml-cpp-dev libre2-dev libtbb-dev
  libsqlite3-dev libcurl4-openssl-dev libssl-dev libicu-dev libzstd-dev zlib1g-dev
  libcli11-dev libcpp-httplib-dev catch2 python3 python3-pip libarchive-dev libgmp-dev libflint-dev
)
# Only for local models; a distribution that lacks them builds without, or with another LibTorch (docs/local-models.md).
ASSAY_OPTIONAL_PACKAGES=(libtorch-dev libopenblas0-pthread)

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 3; }

# Prints the packages of "$@" that dpkg does not list as installed, one a line.
missing_packages() {
  local name
  for name in "$@"; do
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null) in
      ii*) ;;
      *) say "$name" ;;
    esac
  done
}

# "debian 12", from os-release; "unknown" where there is none.
distribution() {
  if [ -r /etc/os-release ]; then
    (. /etc/os-release && say "${ID:-unknown} ${VERSION_ID:-}")
  else
    say unknown
  fi
}

# Runs "$@" as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Stops with a message unless packages can be installed here.
require_installer() {
  command -v apt-get >/dev/null || die "missing packages: $*. There is no apt-get here; install them by hand, then run this again."
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "missing packages: $*. Installing them needs root or sudo; run as root: apt-get install --no-install-recommends $*"
  fi
  case $(distribution) in
    'debian 12' | 'debian 13' | 'ubuntu 24.04') ;;
    *) say "note: $(distribution) is not one of Debian 12, Debian 13, Ubuntu 24.04; trying all the same" ;;
  esac
}

# install_packages NAME...: installs those that are missing, after saying which.
install_packages() {
  local missing absent=() name
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] && return 0
  require_installer "${missing[@]}"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq ||
    die "apt-get update failed; check the network and the sources under /etc/apt"
  for name in "${missing[@]}"; do
    [ -n "$(apt-cache show "$name" 2>/dev/null)" ] || absent+=("$name")
  done
  [ ${#absent[@]} -eq 0 ] ||
    die "no such package in this machine's sources: ${absent[*]} (on Ubuntu they are in universe: add-apt-repository universe)"
  local log
  log=$(mktemp)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends \
    "${missing[@]}" >"$log" 2>&1 || { tail -20 "$log" >&2; die "apt-get could not install: ${missing[*]}"; }
  rm -f "$log"
}

# install_assay_packages: all that Assay needs, and of the optional ones those that this distribution has.
install_assay_packages() {
  install_packages "${ASSAY_PACKAGES[@]}"
  local name found=()
  for name in $(missing_packages "${ASSAY_OPTIONAL_PACKAGES[@]}"); do
    if command -v apt-cache >/dev/null && [ -n "$(apt-cache show "$name" 2>/dev/null)" ]; then
      found+=("$name")
    else
      say "note: no package $name here; local models need it, or a LibTorch that CMAKE_PREFIX_PATH names"
    fi
  done
  [ ${#found[@]} -eq 0 ] || install_packages "${found[@]}"
}

# How many compilers to run at once: one a core, and no more than memory holds (about 1.5 GiB each).
build_jobs() {
  local cores memory
  cores=$(nproc 2>/dev/null || say 2)
  memory=$(awk '/^MemAvailable/ {print int($2 / 1572864)}' /proc/meminfo 2>/dev/null)
  [ -n "$memory" ] && [ "$memory" -lt "$cores" ] && cores=$memory
  [ "$cores" -ge 1 ] || cores=1
  say "$cores"
}

# build_preset NAME [TARGET...]: configures and builds all, or those of the targets that this machine's build has;
# from the repository's root.
build_preset() {
  local preset=$1 log=build/configure.$1.log target targets=()
  shift
  say "building: cmake preset $preset (build/$preset)"
  mkdir -p build
  cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; die "cmake --preset $preset failed"; }
  for target in "$@"; do
    if grep -q "^build $target:" "build/$preset/build.ninja"; then targets+=("$target"); fi
  done
  cmake --build --preset "$preset" -j "$(build_jobs)" ${targets[@]:+--target "${targets[@]}"} ||
    die "the build of preset $preset failed"
}

case $(distribution) in
  'debian 12') ASSAY_PACKAGES+=(libflint-arb-dev libantic-dev libcalcium-dev) ;;  # later ones have FLINT 3, which holds both
esac
