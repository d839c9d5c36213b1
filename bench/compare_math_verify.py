"""Grades the same pairs with Math-Verify and with assay, and prints both accuracies and the ratio of CPU time.

    bench_math --pairs pairs.jsonl
    python3 bench/compare_math_verify.py ASSAY pairs.jsonl     # needs: pip install "math-verify[antlr4_13_2]"
"""
import json
import resource
import subprocess
import sys
import time


def main():
    assay, path = sys.argv[1:3]
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([assay, "grade", "--file", path], check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = [json.loads(line)["verdict"] == "true" for line in out.splitlines()]
    our_cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    grading = sum(json.loads(line)["micros"] for line in out.splitlines()) / 1e6

    begin = time.process_time()
    from math_verify import parse, verify
    imported = time.process_time() - begin
    begin = time.process_time()
    theirs = []
    for row in rows:
        try:
            theirs.append(bool(verify(parse("$" + row["gold"] + "$"), parse(row["pred"]))))
        except Exception:  # an answer that it cannot grade is not correct
            theirs.append(False)
    their_cpu = time.process_time() - begin

    for name, verdicts, cpu in (("assay", ours, our_cpu), ("math-verify", theirs, their_cpu)):
        right = sum(v == r["label"] for v, r in zip(verdicts, rows))
        false_positives = sum(v and not r["label"] for v, r in zip(verdicts, rows))
        print(f"{name:<12} {100 * right / len(rows):.2f} % right, {false_positives} false positives, "
              f"{len(rows) - right - false_positives} false negatives, CPU {cpu:.3f} s")
    print(f"assay's grading alone {grading:.4f} s; math-verify's import took {imported:.2f} s more")
    print(f"CPU ratio: {their_cpu / our_cpu:.0f} (whole processes), {their_cpu / grading:.0f} (grading alone)")


main()
