"""What engines really can do: probes that ask them, when they are asked, and what was found."""
