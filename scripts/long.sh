#!/usr/bin/env bash
# The long forms, run before an issue is closed. All of them, or those that are named:
#
#   npm run long
#   npm run long -- censo acida
#
#   operaciones  10,000 random operations through both executions (OPERACIONES)
#   censo        a census of 10^6 records with 1, 10 and 100 planted defects (CENSO_FILAS)
#   retiro       the retirement of the FUT, all years of the nation
#   acida        the acid test with the tests of every folder
#
# Every part runs, whatever the others found; the last line names those that failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run_jest() { NODE_OPTIONS=--experimental-vm-modules npx jest "$@"; }

operaciones() { OPERACIONES=${OPERACIONES:-10000} run_jest tests/random-operations; }
censo() { CENSO_FILAS=${CENSO_FILAS:-1000000} run_jest gateway/desmonte/censo; }
retiro() { node scripts/retire-fut.js; }
acida() { ACIDA=completa run_jest tests/acid; }

PARTES=(operaciones censo retiro acida)
[ $# -eq 0 ] && set -- "${PARTES[@]}"
for parte in "$@"; do
  if [[ " ${PARTES[*]} " != *" $parte "* ]]; then
    echo "no existe la parte «$parte»: ${PARTES[*]}" >&2
    exit 2
  fi
done

fallidas=()
for parte in "$@"; do
  echo "== $parte"
  "$parte" || fallidas+=("$parte")
done
if [ ${#fallidas[@]} -gt 0 ]; then
  echo "fallaron: ${fallidas[*]}"
  exit 1
fi
echo "todo pasó: $*"
