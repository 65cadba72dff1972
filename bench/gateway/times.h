/* A growing list of durations, and its percentiles. */
#ifndef TIMES_H
#define TIMES_H

#include <stddef.h>
#include <stdint.h>

/* In tenths of a microsecond, which reach 7 minutes in 32 bits. */
struct times {
  uint32_t *values;
  size_t count, capacity;
};

void times_note(struct times *t, uint64_t ns);

/* Prints `"name":{"count":N,"p50":...,"p90":...,"p99":...,"max":...}` in microseconds; zeros when there is none. */
void times_print(const char *name, struct times *t);

#endif
