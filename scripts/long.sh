#!/usr/bin/env bash
# The long forms, run before an issue is closed: 10,000 random operations through both executions; a census of 10^6 records
# with 1, 10 and 100 planted defects.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export NODE_OPTIONS=--experimental-vm-modules
OPERACIONES=${OPERACIONES:-10000} npx jest tests/random-operations
CENSO_FILAS=${CENSO_FILAS:-1000000} npx jest gateway/desmonte/censo
# The retirement of the FUT, all years of the nation.
node scripts/retire-fut.js --completo
ACIDA=completa npx jest tests/acid
