"""Reads metrics from standard input as Prometheus does, and prints them as JSON: [name, labels, value] each."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(sys.stdin.read()))
names = [family.name for family in families]
assert len(names) == len(set(names)), "a family is told twice"
assert all(family.documentation and family.type != "unknown" for family in families), "a family is not described"
print(json.dumps([[sample.name, sample.labels, sample.value] for family in families for sample in family.samples]))
