/* Reads one HTTP/1.1 response at a time from the bytes of a connection, in whatever pieces they come. */
#ifndef RESPONSE_H
#define RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESPONSE_HEAD_BYTES 16384

enum response_state { HEAD, SIZED, UNTIL_CLOSE, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER };

struct response {
  enum response_state state;
  int status;
  bool close_after; /* the server ends the connection after this response */
  char head[RESPONSE_HEAD_BYTES];
  size_t head_bytes;
  uint64_t left;
  char size_line[32];
  size_t size_bytes;
};

typedef void (*body_reader)(void *owner, const char *bytes, size_t n);

void response_begin(struct response *r);

/* Takes bytes and hands those of the body, framing removed, to `take`. True once the response is whole; bytes after
 * its end are dropped, as there are none when requests are not pipelined. */
bool response_feed(struct response *r, const char *bytes, size_t n, body_reader take, void *owner);

/* Whether the response is whole if the connection ends now. */
bool response_may_end(const struct response *r);

#endif
