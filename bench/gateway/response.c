#define _GNU_SOURCE
#include "response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void response_begin(struct response *r) {
  r->state = HEAD;
  r->status = 0;
  r->close_after = false;
  r->head_bytes = r->size_bytes = 0;
}

bool response_may_end(const struct response *r) { return r->state == UNTIL_CLOSE; }

static const char *find_header(const char *head, const char *name) {
  size_t n = strlen(name);
  for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
    if (!strncasecmp(line + 2, name, n)) return line + 2 + n + strspn(line + 2 + n, " ");
  return NULL;
}

/* Reads the status and how the body ends; false when there is no body. */
static bool take_head(struct response *r) {
  const char *value = find_header(r->head, "connection:");
  r->status = atoi(r->head + strlen("HTTP/1.1 "));
  r->close_after = value && !strncasecmp(value, "close", strlen("close"));
  value = find_header(r->head, "transfer-encoding:");
  if (value && !strncasecmp(value, "chunked", strlen("chunked"))) {
    r->state = CHUNK_SIZE;
    return true;
  }
  value = find_header(r->head, "content-length:");
  if (!value) {
    r->state = UNTIL_CLOSE;
    return true;
  }
  r->state = SIZED;
  r->left = strtoull(value, NULL, 10);
  return r->left > 0;
}

/* The feed_ functions take a first part of the bytes, answer how many, and set `*whole` at the response's end. */

static size_t feed_head(struct response *r, const char *bytes, size_t n, bool *whole) {
  size_t before = r->head_bytes, room = sizeof r->head - 1 - before, from = before > 3 ? before - 3 : 0;
  if (n > room) n = room;
  if (!n) {
    fprintf(stderr, "loadgen: a head of more than %d bytes\n", RESPONSE_HEAD_BYTES);
    exit(1);
  }
  memcpy(r->head + before, bytes, n);
  r->head_bytes += n;
  const char *end = memmem(r->head + from, r->head_bytes - from, "\r\n\r\n", 4);
  if (!end) return n;
  size_t used = (size_t)(end + 4 - r->head);
  r->head[used - 2] = 0;
  *whole = !take_head(r);
  return used - before;
}

static size_t feed_size(struct response *r, const char *bytes, size_t n, bool *whole) {
  const char *end = memchr(bytes, '\n', n);
  size_t used = end ? (size_t)(end - bytes) + 1 : n;
  for (size_t i = 0; i < used && r->size_bytes < sizeof r->size_line - 1; i++) r->size_line[r->size_bytes++] = bytes[i];
  if (!end) return used;
  r->size_line[r->size_bytes] = 0;
  r->size_bytes = 0;
  if (r->state == TRAILER) {
    *whole = r->size_line[0] == '\r' || r->size_line[0] == '\n';
  } else {
    r->left = strtoull(r->size_line, NULL, 16);
    r->state = r->left ? CHUNK : TRAILER;
  }
  return used;
}

static size_t feed_data(struct response *r, const char *bytes, size_t n, body_reader take, void *owner) {
  if (r->state != UNTIL_CLOSE && n > r->left) n = r->left;
  if (r->state != CHUNK_END) take(owner, bytes, n);
  r->left -= r->state == UNTIL_CLOSE ? 0 : n;
  return n;
}

/* What follows a piece of data that is complete; true at the response's end. */
static bool after_data(struct response *r) {
  if (r->state == UNTIL_CLOSE || r->left) return false;
  if (r->state == SIZED) return true;
  r->left = r->state == CHUNK ? strlen("\r\n") : 0;
  r->state = r->state == CHUNK ? CHUNK_END : CHUNK_SIZE;
  return false;
}

bool response_feed(struct response *r, const char *bytes, size_t n, body_reader take, void *owner) {
  bool whole = false;
  while (n && !whole) {
    size_t used;
    if (r->state == HEAD) {
      used = feed_head(r, bytes, n, &whole);
    } else if (r->state == CHUNK_SIZE || r->state == TRAILER) {
      used = feed_size(r, bytes, n, &whole);
    } else {
      used = feed_data(r, bytes, n, take, owner);
      whole = after_data(r);
    }
    bytes += used;
    n -= used;
  }
  return whole;
}
