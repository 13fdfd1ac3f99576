# What both releases by hand do alike, so that they are measured against the same: sourced with $origin, $sha, $here set.

scrubbed() { env -i PATH="$PATH" HOME="$here" CI=true LANG=C.UTF-8 "$@"; }
poll() { until curl -sf -o /dev/null "$1"; do sleep 0.05; done; }

build() { # the checkout in $here/tree, and its package in out/; it is the folder from here on
  git init -q "$here/tree"
  cd "$here/tree"
  git fetch -q --no-tags --depth=1 "$origin" "$sha"
  git checkout -q --detach FETCH_HEAD
  scrubbed node scripts/check.js
  scrubbed node --test test/unit/greet.test.js test/unit/visits.test.js
  scrubbed node scripts/package.js
}

suites() { # <folder> <port>: the suites of the release there against the candidate at the port
  cd "$1/tree"
  for path in / '/greet?name=baker'; do curl -sf -o /dev/null "http://127.0.0.1:$2$path"; done
  for suite in functional/api integration/visits regression/contract; do
    scrubbed BAKERY_ADDRESS="http://127.0.0.1:$2" node --test --test-reporter=junit \
      --test-reporter-destination="out/report.xml" "test/$suite.test.js"
  done
}
