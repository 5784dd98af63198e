"""Evaluation: judged queries are asked through the service; how good the answers are comes out."""
