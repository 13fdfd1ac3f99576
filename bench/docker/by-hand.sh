#!/bin/bash
# What a person would do by hand for one release of examples/hello with docker and socat: the commands, the build, the
# containers, health, tests and the switch that Bakery does, one after the other, and nothing else. Usage:
#   by-hand.sh <origin> <sha> <place> <version> <engine> <base> <network> <HAProxy's socket> <front port>
# <place>/live keeps what the next call needs: the folder, the container and the place of the one that is live.
set -euo pipefail
origin=$1 sha=$2 place=$3 version=$4 engine=$5 base=$6 network=$7 socket=$8 front=$9
here=$place/v$version
mkdir -p "$here"
. "${BASH_SOURCE%/*}/../by-hand-steps.sh"
client() { docker -H "$engine" "$@"; }
haproxy() { echo "$1" | socat stdio "unix-connect:$socket"; }
backend=bakery.hello.staging

build

# bake
mkdir "$here/context"
cp out/hello.tar "$here/context"
printf 'FROM %s\nWORKDIR /app\nADD hello.tar /app/\nUSER 10001\nCMD ["node", "server.js"]\n' "$base" > "$here/context/Dockerfile"
client build -q -t "by-hand:v$version" "$here/context" > /dev/null 2> "$here/build.log"

start() { # <name>: a container, and its port in $port
  client run -d --name "$1" --network "$network" --publish 127.0.0.1::8080 --cap-drop ALL --read-only --tmpfs /tmp \
    --security-opt no-new-privileges --memory 256m --cpus 1 --pids-limit 128 \
    --env HOST=0.0.0.0 --env PORT=8080 --env GREETING=Hello --env LOG_TOKEN=token "by-hand:v$version" > /dev/null
  port=$(client port "$1" 8080/tcp | sed 's/.*://')
  poll "http://127.0.0.1:$port/healthz"
}

# candidate, and its suites and those of the release that is live
start "by-hand-candidate-$version"
suites "$here" "$port"
if [ -e "$place/live" ]; then
  read -r folder _ _ < "$place/live"
  suites "$folder" "$port"
fi
client stop -t 10 "by-hand-candidate-$version" > /dev/null
client rm "by-hand-candidate-$version" > /dev/null

# launch, admit, shift, drain, retire
start "by-hand-$version"
member=member$((version % 2 + 1))
haproxy "set server $backend/$member addr 127.0.0.1 port $port; set server $backend/$member state ready" > /dev/null
until haproxy "show servers state $backend" | awk -v one=$member '$4 == one && $6 == 2 { up = 1 } END { exit !up }'; do sleep 0.05; done
haproxy "set weight $backend/$member 100" > /dev/null
if [ -e "$place/live" ]; then
  read -r _ old gone < "$place/live"
  haproxy "set weight $backend/$gone 0" > /dev/null
  until haproxy "show servers conn $backend" | awk -v one="$backend/$gone" '$1 == one && $7 == 0 { idle = 1 } END { exit !idle }'; do sleep 0.05; done
  haproxy "set server $backend/$gone state maint" > /dev/null
  client stop -t 10 "$old" > /dev/null
  client rm "$old" > /dev/null
fi
poll "http://127.0.0.1:$front/healthz"
echo "$here by-hand-$version $member" > "$place/live"
