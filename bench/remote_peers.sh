#!/bin/sh
# The same prompts against the same server, through assay, inspect_ai and lm-eval in one run: wall, CPU and peak
# memory of each, and the ratios. The peers come from PyPI into build/oracle/peers; one that cannot be installed is
# left out with a message.
# usage: bench/remote_peers.sh [prompts=5000] [in-flight=512] [latency-seconds=1]
set -eu
cd "$(dirname "$0")/.."
prompts=${1:-5000}
flight=${2:-512}
latency=${3:-1}
assay=${ASSAY:-build/release/assay}
[ -x "$assay" ] || { cmake --preset release >/dev/null && cmake --build build/release --target assay; }
peers=build/oracle/peers
mkdir -p "$peers"
dir=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$dir"' EXIT INT TERM

venv() { # NAME PACKAGE...: a virtual environment with the packages, kept between runs
  name=$1
  shift
  [ -f "$peers/$name/ready" ] && return 0
  python3 -m venv "$peers/$name" && "$peers/$name/bin/pip" install -q "$@" && touch "$peers/$name/ready"
}

python3 - "$dir" "$prompts" <<'PY'
import json, sys
folder, n = sys.argv[1], int(sys.argv[2])
with open(f"{folder}/prompts.jsonl", "w") as out:
    for i in range(n):
        out.write(json.dumps({"question": f"Question {i}: what is {i} plus {2 * i}?", "target": str(3 * i)}) + "\n")
PY
cat >"$dir/prompts.yaml" <<'YAML'
task: peers/prompts
version: 1
summary: The prompts that every harness asks
dataset: {path: prompts.jsonl}
fields: {question: question, target: target}
prompt: "{question}"
scorers: [numeric]
YAML
mkdir "$dir/lm_eval"
cat >"$dir/lm_eval/peers_prompts.yaml" <<YAML
task: peers_prompts
dataset_path: json
dataset_kwargs: {data_files: {test: $dir/prompts.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{target}}"
generation_kwargs: {max_gen_toks: 256, until: []}
metric_list: [{metric: exact_match}]
YAML
cat >"$dir/inspect_task.py" <<PY
from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, json_dataset
from inspect_ai.scorer import match
from inspect_ai.solver import generate

@task
def prompts():
    data = json_dataset("$dir/prompts.jsonl", FieldSpec(input="question", target="target"))
    return Task(dataset=data, solver=[generate()], scorer=match(numeric=True))
PY

"$assay" mock-server --port 0 --latency "$latency" >"$dir/server.out" 2>&1 &
server=$!
for _ in $(seq 100); do
  url=$(sed -n 's|.*\(http://[0-9.:]*\).*|\1|p' "$dir/server.out" | head -1)
  [ -n "$url" ] && break
  sleep 0.1
done
[ -n "$url" ] || { echo "the mock server did not start:" >&2; cat "$dir/server.out" >&2; exit 1; }

measure() { # NAME COMMAND...: one line of figures; the command's own output goes to a log
  name=$1
  shift
  python3 - "$name" "$dir/$name.log" "$dir/$name.json" "$@" <<'PY'
import json, os, resource, subprocess, sys, time
name, log, result, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
start = time.monotonic()
with open(log, "w") as out:
    code = subprocess.call(command, stdout=out, stderr=subprocess.STDOUT)
wall = time.monotonic() - start
use = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump({"wall": wall, "cpu": use.ru_utime + use.ru_stime, "mb": use.ru_maxrss / 1024, "code": code}, open(result, "w"))
if code:
    print(f"{name}: exit code {code}; the last lines of its output:")
    print("".join(open(log, errors="replace").readlines()[-5:]))
PY
}

count() { # how many complete answers the server has given so far
  python3 - "$url" <<'PY'
import json, sys, urllib.request
print(json.load(urllib.request.urlopen(sys.argv[1] + "/mock/ledger"))["complete"]["responses"])
PY
}

export OPENAI_API_KEY=none MOCK_API_KEY=none MOCK_BASE_URL="$url/v1" HF_HUB_OFFLINE=1 HF_DATASETS_CACHE="$dir/hf"
before=$(count)
measure assay "$assay" run --task-file "$dir/prompts.yaml" --tasks peers/prompts --backend openai --model mock \
  --base-url "$url/v1" --max-connections "$flight" --max-tokens 256 --db "$dir/assay.db" --allow-incomplete -q
after=$(count)
echo "assay: $((after - before)) complete answers"
if venv inspect inspect_ai openai; then
  before=$after
  measure inspect_ai env -C "$dir" "$PWD/$peers/inspect/bin/inspect" eval inspect_task.py --model openai-api/mock/mock \
    --max-connections "$flight" --max-samples "$flight" --max-tokens 256 --display none --log-dir "$dir/inspect"
  after=$(count)
  echo "inspect_ai: $((after - before)) complete answers"
fi
if venv lm_eval 'lm_eval[api]' datasets; then
  before=$after
  measure lm_eval "$peers/lm_eval/bin/lm_eval" --model local-chat-completions --include_path "$dir/lm_eval" \
    --model_args "model=mock,base_url=$url/v1/chat/completions,num_concurrent=$flight,tokenized_requests=False,eos_string=none" \
    --tasks peers_prompts --apply_chat_template
  after=$(count)
  echo "lm-eval: $((after - before)) complete answers"
fi
kill "$server"
server=
python3 - "$dir" "$prompts" "$flight" "$latency" <<'PY'
import json, math, os, sys
folder, n, flight, latency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
rows = {}
for name in ("assay", "inspect_ai", "lm_eval"):
    path = f"{folder}/{name}.json"
    if os.path.exists(path):
        rows[name] = json.load(open(path))
ideal = math.ceil(n / flight) * latency
print(f"{n} prompts, {flight} in flight, {latency} s an answer: ideal wall {ideal:.1f} s")
base = rows["assay"]
print(f"{'':12}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'wall/assay':>12}{'CPU/assay':>11}{'peak/assay':>12}")
for name, r in rows.items():
    print(f"{name:12}{r['wall']:9.1f}{r['cpu']:9.1f}{r['mb']:9.0f}{r['wall'] / base['wall']:12.2f}"
          f"{r['cpu'] / base['cpu']:11.2f}{r['mb'] / base['mb']:12.2f}" + ("" if r["code"] == 0 else f"   exit {r['code']}"))
PY
