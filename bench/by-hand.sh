#!/bin/bash
# What a person would do by hand for one release of examples/hello: the commands, process starts, health polls, tests and
# the switch that Bakery does, one after the other, and nothing else. Usage:
#   by-hand.sh <origin> <sha> <place> <version> <balancer socket> <slot> <front port>
# <place> keeps what the next call needs: the checkout whose suites run against the new one, and the live instance.
set -euo pipefail
origin=$1 sha=$2 place=$3 version=$4 socket=$5 slot=$6 front=$7
here=$place/v$version
mkdir -p "$here"
. "${BASH_SOURCE%/*}/by-hand-steps.sh"
balancer() { curl -sf --unix-socket "$socket" "http://balancer/$1" -d "$2"; }
frontend='{"slot":"'$slot'","port":'$front'}'

build

# bake: unpack, digest every file, make it read-only, have it on the disk
mkdir "$here/image"
tar -xf out/hello.tar -C "$here/image"
find "$here/image" -type f -exec sha256sum {} + > "$here/manifest"
find "$here/image" -type f -exec chmod a-w {} + -exec sync {} +

start() { # <name> <port>: an instance in a session of its own
  cd "$here/image"
  GREETING=Hello LOG_TOKEN=token PORT=$2 HOST=127.0.0.1 setsid node server.js > "$here/$1.log" 2>&1 < /dev/null &
  echo $! > "$here/$1.pid"
  poll "http://127.0.0.1:$2/healthz"
}
finish() { # <pid file>: told to end, and waited for
  kill "$(cat "$1")"
  # One that has ended and that nobody has asked about yet (Z) is gone too.
  while grep -qs '^State:[[:space:]][^Z]' "/proc/$(cat "$1")/status"; do sleep 0.05; done
}
port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# candidate, and its suites and those of the release that is live
candidate=$(port)
start candidate "$candidate"
suites "$here" "$candidate"
if [ -e "$place/live" ]; then suites "$(cat "$place/live")" "$candidate"; fi
finish "$here/candidate.pid"

# launch, admit, shift, drain, retire
live=$(port)
start live "$live"
balancer attach '{"frontend":'$frontend',"instance":{"provider":"hand","id":"v'$version'","address":"http://127.0.0.1:'$live'","effect":"e","generation":1},"path":"/healthz","epoch":'$version'}' > /dev/null
until balancer members '{"frontend":'$frontend'}' | grep -q '"instance":"v'$version'"[^}]*"health":"healthy"'; do sleep 0.05; done
balancer shift '{"frontend":'$frontend',"weights":{"v'$version'":100},"epoch":'$version'}' > /dev/null
if [ -e "$place/live" ]; then
  old=$(cat "$place/live")
  balancer drain '{"frontend":'$frontend',"instance":"'$(basename "$old")'","epoch":'$version'}' > /dev/null
  balancer detach '{"frontend":'$frontend',"instance":"'$(basename "$old")'","epoch":'$version'}' > /dev/null
  finish "$old/live.pid"
fi
echo "$here" > "$place/live"
