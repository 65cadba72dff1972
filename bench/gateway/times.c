#include "times.h"

#include <stdio.h>
#include <stdlib.h>

void times_note(struct times *t, uint64_t ns) {
  if (t->count == t->capacity) {
    t->capacity = t->capacity ? 2 * t->capacity : 65536;
    t->values = realloc(t->values, t->capacity * sizeof *t->values);
    if (!t->values) {
      perror("realloc");
      exit(1);
    }
  }
  uint64_t tenths = ns / 100;
  t->values[t->count++] = tenths > UINT32_MAX ? UINT32_MAX : (uint32_t)tenths;
}

static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

void times_print(const char *name, struct times *t) {
  static const double shares[] = {0.5, 0.9, 0.99, 1.0};
  static const char *const names[] = {"p50", "p90", "p99", "max"};
  if (t->count) qsort(t->values, t->count, sizeof *t->values, by_value);
  printf("\"%s\":{\"count\":%zu", name, t->count);
  for (size_t i = 0; i < 4; i++) {
    size_t at = t->count ? (size_t)(shares[i] * (double)(t->count - 1) + 0.5) : 0;
    printf(",\"%s\":%.1f", names[i], t->count ? t->values[at] / 10.0 : 0.0);
  }
  printf("}");
}
