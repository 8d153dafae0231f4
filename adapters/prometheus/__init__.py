"""Counts of the replicas, read from the metrics that each exposes for Prometheus; no Prometheus server is involved."""
