#!/bin/sh
# Ends what a starter leaves behind, however the starter ends. Only the starter holds the other end of standard input:
#   + PID SIGNAL   a process that must end with the starter, and the signal that ends it
#   - PID          that one is gone
#   / FOLDER       a temporary folder to remove
# At end of input everything named ends. Signals that end the starter (Ctrl-C goes to the whole terminal) must not end us.
trap '' INT TERM HUP
cd /
pids=
folder=

forget() {
  kept=
  for entry in $pids; do
    [ "${entry%:*}" = "$1" ] || kept="$kept $entry"
  done
  pids=$kept
}

# A zombie that nobody collects counts as gone.
living() {
  for entry in $pids; do
    kill -0 "${entry%:*}" 2>/dev/null || continue
    case $(cat "/proc/${entry%:*}/stat" 2>/dev/null) in *') Z '*) ;; *) return 0 ;; esac
  done
  return 1
}

while read -r verb first second; do
  case $verb in
    +) pids="$pids $first:$second" ;;
    -) forget "$first" ;;
    /) folder=$first ;;
  esac
done

for entry in $pids; do
  kill -s "${entry#*:}" "${entry%:*}" 2>/dev/null
  # A stopped process takes no signal but KILL.
  kill -s CONT "${entry%:*}" 2>/dev/null
done
tries=0
while living && [ "$tries" -lt 50 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
for entry in $pids; do
  kill -s KILL "${entry%:*}" 2>/dev/null
done
# What writes there may need a moment to be gone.
tries=0
while [ -n "$folder" ] && [ -e "$folder" ] && [ "$tries" -lt 50 ]; do
  rm -rf "$folder" 2>/dev/null || sleep 0.1
  tries=$((tries + 1))
done
