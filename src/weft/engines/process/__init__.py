"""One engine's process: how it is started, watched and ended, and the life it leads."""
