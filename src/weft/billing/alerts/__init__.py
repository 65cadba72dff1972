"""Alerts: what is told once per window, by e-mail and webhook, when credit, caps and overage reach a threshold."""
