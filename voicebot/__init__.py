import os

# ONNX Runtime 1.31 reports to its maker (mobile.events.data.microsoft.com) and keeps files in ~/.cache/Microsoft. It
# looks at this variable once, when it is imported; whoever imports it, or pipecat, imports this package before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
