#!/usr/bin/env bash
# Installs the S3-compatible server that the tests start, below target/; does nothing when it is there.
set -euo pipefail
cd "$(dirname "$0")/../../.."
venv="${CARGO_TARGET_DIR:-target}/s3-server"
[ -x "$venv/bin/moto_server" ] && exit 0
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.*'
