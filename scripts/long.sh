#!/usr/bin/env bash
# The long forms, run before an issue is closed: 10,000 random operations through both executions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export NODE_OPTIONS=--experimental-vm-modules
OPERACIONES=${OPERACIONES:-10000} npx jest tests/random-operations
