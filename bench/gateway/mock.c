/* The upstream of the benchmark: an OpenAI-compatible server that costs almost nothing.
 *
 *   mock [-p port] [-n chunks] [-i interval_ms] [-l slow_chunks]
 *
 * One thread, epoll, HTTP/1.1 with keep-alive on 127.0.0.1. Port 0 takes a free one; the first line on stdout is
 * "port N". It ends when its parent ends.
 *
 *   POST any path          a completion of about 400 bytes, at once; with `"stream":true`, `chunks` events at once,
 *                          each in its own send(). A model whose name ends in "slow" sends `slow_chunks` events, one
 *                          per interval; without streaming it answers after one interval.
 *   GET /stats             {"requests":N,"streams":N,"chunks":N,"connections":N}; GETs are not counted as requests.
 *   GET any other path     a model list that also serves as a health answer.
 *
 * Each delta's content is "@<CLOCK_MONOTONIC ns> ", so that a client on the same machine can tell how long a chunk
 * took to reach it. `"include_usage":true` adds the chunk that carries the token counts, as OpenAI's API does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PROMPT_TOKENS 12
#define ANSWER_TOKENS 20
#define EVENTS_PER_WAIT 512
#define FIRST_BUFFER_BYTES 8192
#define MAX_REQUEST_BYTES (16 << 20)

struct buffer {
  char *bytes;
  size_t begin, end, capacity;
};

enum phase { READY, STREAMING, DELAYED };

struct connection {
  int fd;
  struct buffer in, out;
  enum phase phase;
  bool waits_to_write;
  bool slow, wants_usage;
  int chunks_total, chunks_left;
  uint64_t due_ns;
  bool queued;
  struct connection *earlier, *later;
};

static int poller;
static int burst_chunks = 100, interval_ms = 20, slow_chunks = 50;
static uint64_t requests, streams, chunks, connections;

/* Every delay is the same, so a list in order of arrival is in order of time. */
static struct connection *next_due, *last_due;

static char answer[2048];
static size_t answer_bytes;

#define ID "\"id\":\"chatcmpl-mock0000000000000000000000\""
#define HEAD_OF_CHUNK \
  "data: {" ID ",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"mock\",\"choices\":["

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void reserve(struct buffer *b, size_t more) {
  if (b->begin == b->end) b->begin = b->end = 0;
  if (b->capacity - b->end >= more) return;
  b->capacity = 2 * (b->end + more);
  b->bytes = realloc(b->bytes, b->capacity);
  if (!b->bytes) die("realloc");
}

static void enqueue(struct connection *c, uint64_t due_ns) {
  c->due_ns = due_ns;
  c->queued = true;
  c->earlier = last_due;
  c->later = NULL;
  if (last_due) last_due->later = c;
  else next_due = c;
  last_due = c;
}

static void dequeue(struct connection *c) {
  if (!c->queued) return;
  if (c->earlier) c->earlier->later = c->later;
  else next_due = c->later;
  if (c->later) c->later->earlier = c->earlier;
  else last_due = c->earlier;
  c->queued = false;
}

static void forget(struct connection *c) {
  dequeue(c);
  close(c->fd);
  free(c->in.bytes);
  free(c->out.bytes);
  free(c);
}

static void watch(struct connection *c, bool for_writing) {
  if (c->waits_to_write == for_writing) return;
  c->waits_to_write = for_writing;
  struct epoll_event e = {.events = EPOLLIN | (for_writing ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
}

/* The functions below answer false when the connection is to be closed. */

static bool flush(struct connection *c) {
  while (c->out.begin < c->out.end) {
    ssize_t n = send(c->fd, c->out.bytes + c->out.begin, c->out.end - c->out.begin, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN) return false;
      watch(c, true);
      return true;
    }
    c->out.begin += (size_t)n;
  }
  watch(c, false);
  return true;
}

static bool send_bytes(struct connection *c, const char *bytes, size_t n) {
  reserve(&c->out, n);
  memcpy(c->out.bytes + c->out.end, bytes, n);
  c->out.end += n;
  return c->waits_to_write || flush(c);
}

static bool send_event(struct connection *c, const char *event, int n) {
  char framed[1200];
  int head = sprintf(framed, "%x\r\n", (unsigned)n);
  memcpy(framed + head, event, (size_t)n);
  memcpy(framed + head + n, "\r\n", 2);
  return send_bytes(c, framed, (size_t)(head + n + 2));
}

static bool send_chunk(struct connection *c) {
  char event[1024];
  int n;
  bool first = c->chunks_left == c->chunks_total, last = c->chunks_left == 1;
  c->chunks_left--;
  chunks++;
  if (last)
    n = sprintf(event, HEAD_OF_CHUNK "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n");
  else
    n = sprintf(event,
                HEAD_OF_CHUNK "{\"index\":0,\"delta\":{%s\"content\":\"@%llu \"},\"logprobs\":null,"
                              "\"finish_reason\":null}]}\n\n",
                first ? "\"role\":\"assistant\"," : "", (unsigned long long)now_ns());
  return send_event(c, event, n);
}

static bool finish_stream(struct connection *c) {
  static const char end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
  if (c->wants_usage) {
    char event[512];
    int n = sprintf(event,
                    HEAD_OF_CHUNK "],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,"
                                  "\"total_tokens\":%d}}\n\n",
                    PROMPT_TOKENS, c->chunks_total, PROMPT_TOKENS + c->chunks_total);
    if (!send_event(c, event, n)) return false;
  }
  c->phase = READY;
  return send_bytes(c, end, sizeof end - 1);
}

static bool tick(struct connection *c, uint64_t now) {
  if (c->phase == DELAYED) {
    c->phase = READY;
    return send_bytes(c, answer, answer_bytes);
  }
  if (!send_chunk(c)) return false;
  if (!c->chunks_left) return finish_stream(c);
  enqueue(c, now + (uint64_t)interval_ms * 1000000u);
  return true;
}

static bool start_stream(struct connection *c) {
  static const char head[] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  streams++;
  c->phase = STREAMING;
  c->chunks_total = c->chunks_left = c->slow ? slow_chunks : burst_chunks;
  if (!send_bytes(c, head, sizeof head - 1)) return false;
  if (c->slow) return tick(c, now_ns());
  while (c->chunks_left)
    if (!send_chunk(c)) return false;
  return finish_stream(c);
}

static bool has(const char *body, size_t n, const char *what) { return memmem(body, n, what, strlen(what)) != NULL; }

static bool asks_for(const char *body, size_t n, const char *tight, const char *spaced) {
  return has(body, n, tight) || has(body, n, spaced);
}

static bool answer_get(struct connection *c, const char *request) {
  char body[512], reply[1024];
  int n;
  if (!strncmp(request, "GET /stats ", 11))
    n = sprintf(body, "{\"requests\":%llu,\"streams\":%llu,\"chunks\":%llu,\"connections\":%llu}",
                (unsigned long long)requests, (unsigned long long)streams, (unsigned long long)chunks,
                (unsigned long long)connections);
  else
    n = sprintf(body,
                "{\"status\":\"ok\",\"object\":\"list\",\"model_path\":\"mock\",\"served_model_name\":\"mock\","
                "\"is_generation\":true,\"data\":["
                "{\"id\":\"mock\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"mock\"},"
                "{\"id\":\"mock-slow\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"mock\"}]}");
  int total =
      sprintf(reply, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", n, body);
  return send_bytes(c, reply, (size_t)total);
}

static bool respond(struct connection *c, const char *head, const char *body, size_t n) {
  if (strncmp(head, "POST", 4)) return answer_get(c, head);
  requests++;
  c->slow = has(body, n, "slow\"");
  c->wants_usage = asks_for(body, n, "\"include_usage\":true", "\"include_usage\": true");
  if (asks_for(body, n, "\"stream\":true", "\"stream\": true")) return start_stream(c);
  if (!c->slow) return send_bytes(c, answer, answer_bytes);
  c->phase = DELAYED;
  enqueue(c, now_ns() + (uint64_t)interval_ms * 1000000u);
  return true;
}

/* The length of the body that follows a head, or -1 when its end has not arrived; `*used` counts framing too. */
static ssize_t body_length(const char *head, size_t head_bytes, size_t available, size_t *used) {
  size_t length = 0;
  bool chunked = false;
  const char *end = head + head_bytes - 2;
  for (const char *line = head; line < end;) {
    const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
    if (!next) break;
    if (!strncasecmp(line, "content-length:", 15)) length = strtoul(line + 15, NULL, 10);
    else if (!strncasecmp(line, "transfer-encoding:", 18)) chunked = has(line, (size_t)(next - line), "chunked");
    line = next + 2;
  }
  if (!chunked) {
    *used = head_bytes + length;
    return available < *used ? -1 : (ssize_t)length;
  }
  /* A chunked body is looked through for words, never decoded: the sizes between its pieces do no harm. */
  const char *last = memmem(head + head_bytes - 2, available - head_bytes + 2, "\r\n0\r\n\r\n", 7);
  if (!last) return -1;
  *used = (size_t)(last + 7 - head);
  return last - (head + head_bytes);
}

static bool answer_what_arrived(struct connection *c) {
  while (c->in.begin < c->in.end && c->phase == READY) {
    char *head = c->in.bytes + c->in.begin;
    size_t available = c->in.end - c->in.begin, used;
    char *end = memmem(head, available, "\r\n\r\n", 4);
    if (!end) return true;
    size_t head_bytes = (size_t)(end - head) + 4;
    ssize_t length = body_length(head, head_bytes, available, &used);
    if (length < 0) return true;
    c->in.begin += used;
    if (!respond(c, head, head + head_bytes, (size_t)length)) return false;
  }
  return true;
}

static bool receive(struct connection *c) {
  for (;;) {
    if (c->in.begin) {
      memmove(c->in.bytes, c->in.bytes + c->in.begin, c->in.end - c->in.begin);
      c->in.end -= c->in.begin;
      c->in.begin = 0;
    }
    if (c->in.end > MAX_REQUEST_BYTES) return false;
    reserve(&c->in, FIRST_BUFFER_BYTES);
    size_t room = c->in.capacity - c->in.end;
    ssize_t n = recv(c->fd, c->in.bytes + c->in.end, room, 0);
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN;
    c->in.end += (size_t)n;
    if ((size_t)n < room) return true;
  }
}

static void accept_all(int listener) {
  int one = 1, fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *c = calloc(1, sizeof *c);
    if (!c) die("calloc");
    c->fd = fd;
    connections++;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
  }
}

static void serve(struct connection *c, uint32_t events) {
  bool open = true;
  if (events & EPOLLOUT) open = flush(c);
  if (open && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) open = receive(c);
  if (open) open = answer_what_arrived(c);
  if (!open) forget(c);
}

static void tick_all(void) {
  uint64_t now = now_ns();
  while (next_due && next_due->due_ns <= now) {
    struct connection *c = next_due;
    dequeue(c);
    if (!tick(c, now) || !answer_what_arrived(c)) forget(c);
  }
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) die("mock: listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void prepare_answer(void) {
  static const char body[] =
      "{" ID ",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"mock\",\"choices\":[{\"index\":0,"
      "\"message\":{\"role\":\"assistant\",\"content\":\"Hello! This is a canned reply from the mock upstream, long"
      " enough to look like a short answer.\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}}";
  char filled[1024];
  int n = sprintf(filled, body, PROMPT_TOKENS, ANSWER_TOKENS, PROMPT_TOKENS + ANSWER_TOKENS);
  answer_bytes = (size_t)sprintf(
      answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", n, filled);
}

int main(int argc, char **argv) {
  int port = 0, option;
  while ((option = getopt(argc, argv, "p:n:i:l:")) > 0) switch (option) {
      case 'p': port = atoi(optarg); break;
      case 'n': burst_chunks = atoi(optarg); break;
      case 'i': interval_ms = atoi(optarg); break;
      case 'l': slow_chunks = atoi(optarg); break;
      default: return 2;
    }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  prepare_answer();
  poller = epoll_create1(0);
  int listener = listen_on(port);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS_PER_WAIT];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
  for (;;) {
    struct timespec pause, *until = NULL;
    if (next_due) {
      uint64_t now = now_ns(), left = next_due->due_ns > now ? next_due->due_ns - now : 0;
      pause = (struct timespec){.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
      until = &pause;
    }
    int n = epoll_pwait2(poller, events, EVENTS_PER_WAIT, until, NULL);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (c) serve(c, events[i].events);
      else accept_all(listener);
    }
    tick_all();
  }
}
