"""Runs of `wandb.init`: name, config, summary and state are kept; history, metrics, console and files are not."""
