"""Runs of `wandb.init`: name, config, summary and state are kept; history, system metrics, console and files are not."""
