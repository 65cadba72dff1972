/* The load client of the benchmark: HTTP/1.1 POSTs to an OpenAI-compatible chat endpoint, closed loop, one thread.
 *
 *   loadgen -u http://127.0.0.1:PORT/PATH [-c connections] [-d seconds] [-w warm_up_s] [-n requests] [-s] [-m model]
 *           [-e events] [-S spread_s] [-p prompt_bytes] [-x members] [-H "Name: value"]... [-g gateway_pid]...
 *           [-b upstream_pid]...
 *
 * Every connection sends its next request as soon as the answer to the last one is whole. After `-w` seconds it records
 * for `-d` seconds, then starts nothing more and waits up to DRAIN_S for what is in flight, so that every request that
 * was sent has a known end. With `-n` it records from the start, sends that many and stops (or after `-d` seconds).
 * `-s` asks for streams; `-e` is the least number of events a whole stream has; `-S` spreads the first requests over
 * that time. `-x` adds members to the JSON body. `-g` and `-b` name processes whose CPU time over the recorded window
 * is wanted.
 *
 * Prints one JSON object. "window" is what ended within the recorded window, "life" is everything, warm-up and drain
 * included: that is what a meter has to agree with. An answer counts as
 *   ok         status 200, whole, with its token counts (a stream: at least `-e` events and [DONE])
 *   short      status 200, but something of that is missing
 *   failed     any other status, or the connection ended in the middle
 *   abandoned  no end within DRAIN_S
 * A stall is a first chunk or a relayed chunk that took STALL_MS or more: what Nagle's algorithm and delayed
 * acknowledgements cost (40 ms) when a socket lacks TCP_NODELAY.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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

#include "response.h"
#include "times.h"

#define DRAIN_S 90
#define STALL_MS 30
#define MAX_PIDS 64
#define MAX_STATUS 600
#define TEXT_BYTES 16384
#define EVENTS_PER_WAIT 256

struct connection {
  int fd;
  bool busy;
  struct response response;
  /* An unfinished line of a stream, or the body of an answer. */
  char text[TEXT_BYTES];
  size_t text_bytes;
  uint64_t sent_ns;
  int events;
  bool done;
  uint64_t prompt_tokens, completion_tokens;
};

struct tally {
  uint64_t ok, brief, failed, chunks, prompt_tokens, completion_tokens;
};

static int poller;
static struct sockaddr_in target;
static char *request;
static size_t request_bytes;
static bool streamed;
static int least_events;

static struct times latencies, first_chunks, relays;
static struct tally window, life;
static uint64_t stalls, started, limit = UINT64_MAX, in_flight, dials, statuses[MAX_STATUS];
static bool recording, stopping;
static uint64_t received_ns; /* when the bytes at hand arrived */
static char last_error[512];

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void print_tally(const char *name, const struct tally *t) {
  printf("\"%s\":{\"ok\":%llu,\"short\":%llu,\"failed\":%llu,\"chunks\":%llu,\"prompt_tokens\":%llu,"
         "\"completion_tokens\":%llu}",
         name, (unsigned long long)t->ok, (unsigned long long)t->brief, (unsigned long long)t->failed,
         (unsigned long long)t->chunks, (unsigned long long)t->prompt_tokens,
         (unsigned long long)t->completion_tokens);
}

static double cpu_seconds(const int *pids, int count) {
  double total = 0;
  for (int i = 0; i < count; i++) {
    clockid_t clock;
    struct timespec t;
    if (!clock_getcpuclockid(pids[i], &clock) && !clock_gettime(clock, &t))
      total += (double)t.tv_sec + (double)t.tv_nsec / 1e9;
  }
  return total;
}

static void dial(struct connection *c) {
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&target, sizeof target)) die("loadgen: connect");
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e);
  c->busy = false;
  dials++;
}

static void redial(struct connection *c) {
  close(c->fd);
  dial(c);
}

static void start(struct connection *c) {
  if (stopping || started == limit) return;
  started++;
  in_flight++;
  c->busy = true;
  response_begin(&c->response);
  c->text_bytes = 0;
  c->events = 0;
  c->done = false;
  c->prompt_tokens = c->completion_tokens = 0;
  c->sent_ns = now_ns();
  for (size_t sent = 0; sent < request_bytes;) {
    ssize_t n = send(c->fd, request + sent, request_bytes - sent, MSG_NOSIGNAL);
    if (n >= 0) sent += (size_t)n;
    else if (errno == EAGAIN) usleep(50);
    else return; /* the broken connection shows when it is read */
  }
}

static uint64_t number_after(const char *text, size_t n, const char *name) {
  const char *found = memmem(text, n, name, strlen(name));
  if (!found) return 0;
  return strtoull(found + strlen(name), NULL, 10);
}

static void read_tokens(struct connection *c, const char *text, size_t n) {
  uint64_t completion = number_after(text, n, "\"completion_tokens\":");
  if (!completion) return;
  c->completion_tokens = completion;
  c->prompt_tokens = number_after(text, n, "\"prompt_tokens\":");
}

static void note_stall(uint64_t ns) {
  if (ns >= STALL_MS * 1000000ull) stalls++;
}

static void take_line(struct connection *c, const char *line, size_t n) {
  if (n < 5 || memcmp(line, "data:", 5)) return;
  size_t skip = 5 + (n > 5 && line[5] == ' ');
  if (n - skip >= 6 && !memcmp(line + skip, "[DONE]", 6)) {
    c->done = true;
    return;
  }
  c->events++;
  life.chunks++;
  const char *stamp = memchr(line, '@', n);
  if (!stamp) read_tokens(c, line, n);
  if (!recording) return;
  window.chunks++;
  if (c->events == 1) {
    times_note(&first_chunks, received_ns - c->sent_ns);
    note_stall(received_ns - c->sent_ns);
  }
  uint64_t left_at = stamp ? strtoull(stamp + 1, NULL, 10) : 0;
  if (left_at && received_ns > left_at) {
    times_note(&relays, received_ns - left_at);
    note_stall(received_ns - left_at);
  }
}

static void keep_text(struct connection *c, const char *bytes, size_t n) {
  size_t room = TEXT_BYTES - 1 - c->text_bytes;
  if (n > room) n = room;
  memcpy(c->text + c->text_bytes, bytes, n);
  c->text_bytes += n;
  c->text[c->text_bytes] = 0;
}

static void take_body(void *owner, const char *bytes, size_t n) {
  struct connection *c = owner;
  if (!streamed || c->response.status != 200) {
    keep_text(c, bytes, n);
    return;
  }
  while (n) {
    const char *end = memchr(bytes, '\n', n);
    if (!end) {
      keep_text(c, bytes, n);
      return;
    }
    size_t line = (size_t)(end - bytes);
    if (c->text_bytes) {
      keep_text(c, bytes, line);
      take_line(c, c->text, c->text_bytes);
      c->text_bytes = 0;
    } else {
      take_line(c, bytes, line);
    }
    bytes += line + 1;
    n -= line + 1;
  }
}

static void count(struct tally *t, const struct connection *c, bool ok, bool brief) {
  t->ok += ok;
  t->brief += brief;
  t->failed += !ok && !brief;
  t->prompt_tokens += c->prompt_tokens;
  t->completion_tokens += c->completion_tokens;
}

static void finish(struct connection *c, bool whole) {
  bool good = whole && c->response.status == 200;
  if (good && !streamed) read_tokens(c, c->text, c->text_bytes);
  bool complete = c->completion_tokens && (!streamed || (c->done && c->events >= least_events));
  bool ok = good && complete, brief = good && !complete;
  in_flight--;
  c->busy = false;
  statuses[c->response.status > 0 && c->response.status < MAX_STATUS ? c->response.status : 0]++;
  if (!ok) snprintf(last_error, sizeof last_error, "%d %.400s", c->response.status, c->text_bytes ? c->text : "");
  count(&life, c, ok, brief);
  if (!recording) return;
  count(&window, c, ok, brief);
  if (ok) times_note(&latencies, received_ns - c->sent_ns);
}

static void on_close(struct connection *c) {
  bool was_busy = c->busy;
  if (was_busy) finish(c, response_may_end(&c->response));
  redial(c);
  if (was_busy) start(c);
}

static void on_data(struct connection *c) {
  static char bytes[262144];
  for (;;) {
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    received_ns = now_ns();
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      on_close(c);
      return;
    }
    if (!c->busy) return;
    if (response_feed(&c->response, bytes, (size_t)n, take_body, c)) {
      finish(c, true);
      if (c->response.close_after) redial(c);
      start(c);
      return;
    }
    if ((size_t)n < sizeof bytes) return;
  }
}

static struct {
  const char *url, *model, *members;
  char headers[4096];
  int connections, prompt_bytes, gateway_count, upstream_count;
  double seconds, warm_s, spread_s;
  int gateway_pids[MAX_PIDS], upstream_pids[MAX_PIDS];
} options = {.url = "", .model = "mock", .members = "", .connections = 1, .prompt_bytes = 200, .seconds = 2};

static void add_pid(int *pids, int *count_of, const char *value) {
  if (*count_of < MAX_PIDS) pids[(*count_of)++] = atoi(value);
}

static bool read_options(int argc, char **argv) {
  int option;
  while ((option = getopt(argc, argv, "u:c:d:w:n:sm:e:S:p:x:H:g:b:")) > 0) switch (option) {
      case 'u': options.url = optarg; break;
      case 'c': options.connections = atoi(optarg); break;
      case 'd': options.seconds = atof(optarg); break;
      case 'w': options.warm_s = atof(optarg); break;
      case 'n': limit = strtoull(optarg, NULL, 10); break;
      case 's': streamed = true; break;
      case 'm': options.model = optarg; break;
      case 'e': least_events = atoi(optarg); break;
      case 'S': options.spread_s = atof(optarg); break;
      case 'p': options.prompt_bytes = atoi(optarg); break;
      case 'x': options.members = optarg; break;
      case 'H': {
        size_t held = strlen(options.headers);
        snprintf(options.headers + held, sizeof options.headers - held, "%s\r\n", optarg);
        break;
      }
      case 'g': add_pid(options.gateway_pids, &options.gateway_count, optarg); break;
      case 'b': add_pid(options.upstream_pids, &options.upstream_count, optarg); break;
      default: return false;
    }
  return true;
}

static bool prepare_request(void) {
  char host[64], path[512] = "/";
  int port;
  if (sscanf(options.url, "http://%63[^:/]:%d%511s", host, &port, path) < 2) return false;
  target.sin_family = AF_INET;
  target.sin_port = htons((uint16_t)port);
  if (inet_pton(AF_INET, host, &target.sin_addr) != 1) return false;
  size_t prompt_bytes = (size_t)options.prompt_bytes;
  char *prompt = malloc(prompt_bytes + 1), *body;
  if (!prompt) die("malloc");
  for (size_t i = 0; i < prompt_bytes; i++) prompt[i] = i % 6 == 5 ? ' ' : (char)('a' + i % 23);
  prompt[prompt_bytes] = 0;
  int body_bytes = asprintf(
      &body,
      "{\"model\":\"%s\",\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant.\"},"
      "{\"role\":\"user\",\"content\":\"%s\"}],\"temperature\":0.7,\"max_tokens\":128%s%s%s}",
      options.model, prompt, options.members[0] ? "," : "", options.members,
      streamed ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "");
  int total = asprintf(&request,
                       "POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: application/json\r\nAccept: %s\r\n"
                       "User-Agent: loadgen/1\r\n%sContent-Length: %d\r\n\r\n%s",
                       path, host, port, streamed ? "text/event-stream" : "application/json", options.headers,
                       body_bytes, body);
  if (body_bytes < 0 || total < 0) die("asprintf");
  request_bytes = (size_t)total;
  free(prompt);
  free(body);
  return true;
}

static void print_report(double seconds, double gateway_cpu_s, double upstream_cpu_s, double client_cpu_s) {
  printf("{\"seconds\":%.4f,\"gateway_cpu_s\":%.6f,\"upstream_cpu_s\":%.6f,\"client_cpu_s\":%.6f,", seconds,
         gateway_cpu_s, upstream_cpu_s, client_cpu_s);
  print_tally("window", &window);
  printf(",");
  print_tally("life", &life);
  printf(",\"abandoned\":%llu,\"dials\":%llu,\"stalls\":%llu,", (unsigned long long)in_flight,
         (unsigned long long)dials, (unsigned long long)stalls);
  times_print("latency_us", &latencies);
  printf(",");
  times_print("first_chunk_us", &first_chunks);
  printf(",");
  times_print("relay_us", &relays);
  printf(",\"statuses\":{");
  const char *comma = "";
  for (int i = 0; i < MAX_STATUS; i++)
    if (statuses[i]) {
      printf("%s\"%d\":%llu", comma, i, (unsigned long long)statuses[i]);
      comma = ",";
    }
  printf("}}\n");
  if (last_error[0]) fprintf(stderr, "last answer that was not ok: %s\n", last_error);
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  if (!read_options(argc, argv) || !prepare_request()) {
    fprintf(stderr, "usage: see the head of loadgen.c\n");
    return 2;
  }
  poller = epoll_create1(0);
  struct connection *connections = calloc((size_t)options.connections, sizeof *connections);
  if (!connections) die("calloc");
  for (int i = 0; i < options.connections; i++) dial(&connections[i]);

  int self = getpid(), opened = 0;
  uint64_t begun = now_ns(), second = 1000000000u;
  uint64_t record_from = begun + (uint64_t)(options.warm_s * 1e9);
  uint64_t record_until = record_from + (uint64_t)(options.seconds * 1e9);
  uint64_t give_up = record_until + DRAIN_S * second;
  uint64_t spread_ns = (uint64_t)(options.spread_s * 1e9) / (uint64_t)options.connections;
  uint64_t recorded_from = 0, recorded_until = 0;
  double gateway_s = 0, upstream_s = 0, client_s = 0;
  struct epoll_event events[EVENTS_PER_WAIT];
  for (;;) {
    uint64_t now = now_ns();
    bool spent = started == limit && !in_flight;
    if (!recorded_from && now >= record_from) {
      gateway_s = cpu_seconds(options.gateway_pids, options.gateway_count);
      upstream_s = cpu_seconds(options.upstream_pids, options.upstream_count);
      client_s = cpu_seconds(&self, 1);
      recording = true;
      recorded_from = now_ns();
    }
    if (recording && (now >= record_until || spent)) {
      recording = false;
      stopping = true;
      recorded_until = now;
      gateway_s = cpu_seconds(options.gateway_pids, options.gateway_count) - gateway_s;
      upstream_s = cpu_seconds(options.upstream_pids, options.upstream_count) - upstream_s;
      client_s = cpu_seconds(&self, 1) - client_s;
    }
    if (stopping && (!in_flight || now >= give_up)) break;
    while (!stopping && opened < options.connections && now >= begun + spread_ns * (uint64_t)opened)
      start(&connections[opened++]);
    int n = epoll_wait(poller, events, EVENTS_PER_WAIT, 1);
    for (int i = 0; i < n; i++) on_data(events[i].data.ptr);
  }
  print_report((double)(recorded_until - recorded_from) / 1e9, gateway_s, upstream_s, client_s);
  return 0;
}
