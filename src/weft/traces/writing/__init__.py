"""How anything gets into the trace database: operations as data, one writer, and a spool for when it is away."""
