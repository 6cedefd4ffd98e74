"""Sessions for frameworks, one module or folder for each, and metrics for OpenTelemetry and Prometheus.

An application imports only the modules that it needs.
"""
