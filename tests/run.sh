#!/usr/bin/env bash
# Runs every test project and ends with one line: N passed, N failed, N skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results
rm -rf "$results"
dotnet test StreamAllocator.sln --no-build -c "${CONFIGURATION:-Release}" --results-directory "$results" \
  --logger trx --logger "console;verbosity=minimal" -- RunConfiguration.TreatNoTestsAsError=true
status=$?
count() { grep -oh "<Counters [^>]*" "$results"/*.trx | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | paste -sd+ - | bc; }
total=$(count total); passed=$(count passed); executed=$(count executed)
skipped=$((total - executed)); failed=$((executed - passed))
grep -h -o 'testName="[^"]*"[^>]*outcome="NotExecuted"' "$results"/*.trx | sed 's/testName="\([^"]*\)".*/skipped: \1/' | sort -u
echo "$passed passed, $failed failed, $skipped skipped"
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
