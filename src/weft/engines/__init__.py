"""Where models run: child processes and remote servers, their readiness, and the right to use one."""
