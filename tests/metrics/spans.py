"""Reads a letter of traces from standard input with OpenTelemetry's own messages, and prints it as JSON."""

import sys

from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

letter = ExportTraceServiceRequest.FromString(sys.stdin.buffer.read())
print(MessageToJson(letter))
