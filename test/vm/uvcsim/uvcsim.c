// uvcsim DIR FPS [PORT]: a USB camera in user space. It sends MJPEG over UVC 1.0 and is plugged into the kernel through vhci_hcd
// (USB/IP over a socketpair: no network, no other tool), so that the real uvcvideo driver binds and makes a /dev/video node.
//
// DIR holds for each size WIDTHxHEIGHT.mjpg, JPEG pictures one after the other, sent round and round, and one black picture
// in WIDTHxHEIGHT-black.mjpg. PORT, from 0, makes the serial number, too: SIM0001, SIM0002, ...
// Faults are injected by lines on standard input:
//   fps N        send N frames a second from now on, whatever the host chose
//   freeze       send nothing;  freeze restart: until the host stops the stream;  freeze reset: until it configures the
//                device anew, as after re-authorising it;  thaw: go on
//   repeat N     1: send the same picture again and again;  0: go on
//   dark N       1: send the black picture;  0: go on
//   truncate N   cut the next N frames to a third
//   corrupt N    damage the next N frames in the middle of every payload
//   err N        flag the next N frames as erroneous (UVC's ERR bit): the driver drops them
//   short N      send only 100 bytes of the next N payloads
//   stall        stall the stream endpoint until the host configures the device anew;  stall restart: until it clears the
//                halt, as when it stops the stream
//   unplug       end; start again to plug the camera in again
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <linux/usb/video.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "usbip.h"
#include "uvc-device.h"

#define MAX_FRAMES 4096   // a file
#define MAX_PENDING 64    // transfers that the driver has queued; uvcvideo uses 5
#define PAYLOAD_HEADER 2  // length and flags, without timestamps
#define CATCH_UP_S 0.2    // later than this: do not send a burst to catch up
#define SHORT_PAYLOAD 100
#define DAMAGED_BYTES 32

// The pictures of one size; picture i lies from start[i] to start[i + 1].
struct pictures {
  uint8_t *bytes;
  size_t start[MAX_FRAMES + 1];
  int count;
};

// What ends a fault that lasts.
enum cure { THAW, RESTART, RESET };

struct faults {
  double fps;
  bool frozen, stalled, repeat, dark;
  enum cure thaws_at, unstalls_at;
  int truncate, corrupt, error, short_payloads;
};

// The transfers waiting for data, oldest first.
struct pending {
  struct usbip_request requests[MAX_PENDING];
  int count;
  uint32_t last_sequence;                   // of the requests that have come
  struct usbip_request early[MAX_PENDING];  // unlinks of requests that have not come yet
  int early_count;
};

// The picture under way; none when bytes is NULL.
struct sending {
  const uint8_t *bytes;
  size_t length, sent;
  uint8_t frame_id;  // UVC's FID bit: changes with every frame
  double due;        // when to start the next one
  long started;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void load_pictures(const char *folder, const struct uvc_size *size, const char *kind, struct pictures *pictures) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%dx%d%s.mjpg", folder, size->width, size->height, kind);
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) < 0) err(1, "%s", path);
  long length = ftell(file);
  rewind(file);
  pictures->bytes = malloc(length);
  if (!pictures->bytes) err(1, "%s: %ld bytes", path, length);
  if (fread(pictures->bytes, 1, length, file) != (size_t)length) errx(1, "%s: cannot read it whole", path);
  fclose(file);
  // A JPEG starts with SOI and another marker; FF D8 FF stands nowhere else in pictures without thumbnails.
  static const uint8_t START[] = {0xff, 0xd8, 0xff};
  for (long i = 0; i + (long)sizeof START <= length && pictures->count < MAX_FRAMES; i++) {
    if (memcmp(pictures->bytes + i, START, sizeof START) == 0) pictures->start[pictures->count++] = i;
  }
  if (pictures->count == 0) errx(1, "%s: no JPEG picture in it", path);
  pictures->start[pictures->count] = length;
  fprintf(stderr, "uvcsim: %s: %d pictures\n", path, pictures->count);
}

static enum cure cure_of(const char *word, enum cure otherwise) {
  if (strcmp(word, "restart") == 0) return RESTART;
  return strcmp(word, "reset") == 0 ? RESET : otherwise;
}

static void inject(struct faults *faults, const char *line) {
  char word[32] = "", second[32] = "1";
  sscanf(line, "%31s %31s", word, second);
  double number = atof(second);
  if (strcmp(word, "fps") == 0) {
    faults->fps = number;
  } else if (strcmp(word, "freeze") == 0) {
    faults->frozen = true;
    faults->thaws_at = cure_of(second, THAW);
  } else if (strcmp(word, "thaw") == 0) {
    faults->frozen = false;
  } else if (strcmp(word, "truncate") == 0) {
    faults->truncate = number;
  } else if (strcmp(word, "corrupt") == 0) {
    faults->corrupt = number;
  } else if (strcmp(word, "err") == 0) {
    faults->error = number;
  } else if (strcmp(word, "short") == 0) {
    faults->short_payloads = number;
  } else if (strcmp(word, "stall") == 0) {
    faults->stalled = true;
    faults->unstalls_at = cure_of(second, RESET);
  } else if (strcmp(word, "repeat") == 0) {
    faults->repeat = number;
  } else if (strcmp(word, "dark") == 0) {
    faults->dark = number;
  } else if (strcmp(word, "unplug") == 0) {
    fprintf(stderr, "uvcsim: unplugged\n");
    exit(0);
  } else {
    fprintf(stderr, "uvcsim: unknown fault: %s\n", line);
    return;
  }
  fprintf(stderr, "uvcsim: %s\n", line);
}

// Reads what is there of standard input and obeys every whole line. Returns false at its end.
static bool read_faults(struct faults *faults) {
  static char line[128];
  static size_t length;
  ssize_t got = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
  if (got <= 0) return false;
  length += got;
  char *newline;
  while ((newline = memchr(line, '\n', length))) {
    *newline = 0;
    inject(faults, line);
    length -= newline + 1 - line;
    memmove(line, newline + 1, length);
  }
  if (length == sizeof line - 1) length = 0;  // no command is that long
  return true;
}

static struct usbip_request take(struct pending *pending, int index) {
  struct usbip_request taken = pending->requests[index];
  pending->count--;
  memmove(&pending->requests[index], &pending->requests[index + 1], (pending->count - index) * sizeof taken);
  return taken;
}

// What the host does on the control endpoint ends faults.
static void cure(struct faults *faults, const struct usb_ctrlrequest *setup) {
  bool is_standard = (setup->bRequestType & USB_TYPE_MASK) == USB_TYPE_STANDARD;
  bool configures = is_standard && setup->bRequest == USB_REQ_SET_CONFIGURATION;
  bool clears_halt = is_standard && setup->bRequest == USB_REQ_CLEAR_FEATURE &&
                     (setup->bRequestType & USB_RECIP_MASK) == USB_RECIP_ENDPOINT;
  if (configures && faults->thaws_at == RESET) faults->frozen = false;
  if (configures || (clears_halt && faults->unstalls_at == RESTART)) faults->stalled = false;
}

static void serve_control(int socket, const struct usbip_request *request, const uint8_t *from_host) {
  uint8_t to_host[UVC_CONTROL_MAX] = {0};
  int length = uvc_control(&request->setup, from_host, to_host);
  if (length < 0) {
    usbip_reply(socket, request, -EPIPE, NULL, 0);
  } else if (request->to_host) {
    uint32_t asked = le16toh(request->setup.wLength);
    usbip_reply(socket, request, 0, to_host, (uint32_t)length < asked ? (uint32_t)length : asked);
  } else {
    usbip_reply(socket, request, 0, NULL, request->length);
  }
}

// The kernel may send the unlink of a request before the request itself (seen with vhci_hcd when a stream stops). Such an
// unlink is kept, unanswered, until its request comes; answered at once, the kernel would miss the request and drop the
// camera.
static void serve_unlink(int socket, struct pending *pending, struct sending *sending, struct faults *faults,
                         const struct usbip_request *unlink) {
  int status = 0;
  for (int i = 0; i < pending->count; i++) {
    if (pending->requests[i].sequence == unlink->unlink_sequence) {
      take(pending, i);
      status = -ECONNRESET;
      break;
    }
  }
  bool is_early = status == 0 && (int32_t)(unlink->unlink_sequence - pending->last_sequence) > 0;
  if (is_early && pending->early_count < MAX_PENDING) {
    pending->early[pending->early_count++] = *unlink;
  } else {
    usbip_reply_unlink(socket, unlink, status);
  }
  if (pending->count > 0) return;
  sending->bytes = NULL;  // the host stopped the stream
  if (faults->thaws_at == RESTART) faults->frozen = false;
}

// True when the request has been unlinked before it came: answered by that, it is not served.
static bool was_unlinked(int socket, struct pending *pending, uint32_t sequence) {
  for (int i = 0; i < pending->early_count; i++) {
    if (pending->early[i].unlink_sequence != sequence) continue;
    usbip_reply_unlink(socket, &pending->early[i], -ECONNRESET);
    pending->early[i] = pending->early[--pending->early_count];
    return true;
  }
  return false;
}

static void serve_request(int socket, struct pending *pending, struct sending *sending, struct faults *faults) {
  static uint8_t from_host[USBIP_MAX_TRANSFER];
  struct usbip_request request;
  usbip_read(socket, &request, from_host);
  if (request.command == USBIP_CMD_UNLINK) {
    serve_unlink(socket, pending, sending, faults, &request);
    return;
  }
  pending->last_sequence = request.sequence;
  if (was_unlinked(socket, pending, request.sequence)) return;
  if (request.endpoint == 0) {
    cure(faults, &request.setup);
    serve_control(socket, &request, from_host);
  } else if (faults->stalled || pending->count == MAX_PENDING) {
    usbip_reply(socket, &request, -EPIPE, NULL, 0);
  } else {
    pending->requests[pending->count++] = request;
  }
}

static void start_picture(struct sending *sending, const struct pictures *pictures, struct faults *faults) {
  if (!faults->repeat) sending->started++;
  int index = sending->started % pictures->count;
  sending->bytes = pictures->bytes + pictures->start[index];
  sending->length = pictures->start[index + 1] - pictures->start[index];
  sending->sent = 0;
  sending->frame_id ^= UVC_STREAM_FID;
  if (faults->truncate > 0) {
    faults->truncate--;
    sending->length /= 3;
  }
  double time = now();
  sending->due += 1 / faults->fps;
  if (sending->due < time - CATCH_UP_S) sending->due = time;
}

// Fills one transfer with the next part of the picture.
static void send_payload(int socket, const struct usbip_request *request, struct sending *sending,
                         struct faults *faults) {
  static uint8_t payload[UVC_MAX_PAYLOAD];
  size_t room = (request->length < UVC_MAX_PAYLOAD ? request->length : UVC_MAX_PAYLOAD) - PAYLOAD_HEADER;
  size_t length = sending->length - sending->sent;
  if (length > room) length = room;
  memcpy(payload + PAYLOAD_HEADER, sending->bytes + sending->sent, length);
  sending->sent += length;
  bool last = sending->sent == sending->length;

  payload[0] = PAYLOAD_HEADER;
  payload[1] = UVC_STREAM_EOH | sending->frame_id | (last ? UVC_STREAM_EOF : 0);
  if (faults->corrupt > 0 && length > 2 * DAMAGED_BYTES) {
    uint8_t *middle = payload + PAYLOAD_HEADER + length / 2;
    for (int i = 0; i < DAMAGED_BYTES; i++) middle[i] ^= 0x5a;
    if (last) faults->corrupt--;
  }
  if (faults->error > 0) {
    payload[1] |= UVC_STREAM_ERR;
    if (last) faults->error--;
  }
  if (faults->short_payloads > 0) {
    faults->short_payloads--;
    if (length > SHORT_PAYLOAD) length = SHORT_PAYLOAD;
  }
  usbip_reply(socket, request, 0, payload, PAYLOAD_HEADER + length);
  if (last) sending->bytes = NULL;
}

// How long to wait for the host: until the next picture is due, or for ever (-1) when there is nothing to send or nowhere to.
static int wait_ms(const struct pending *pending, const struct sending *sending, const struct faults *faults) {
  if (pending->count == 0 || faults->frozen) return -1;
  double left = sending->bytes ? 0 : sending->due - now();
  return left <= 0 ? 0 : (int)(left * 1000 + 1);
}

int main(int argc, char **argv) {
  static struct pictures pictures[UVC_SIZES], black[UVC_SIZES];
  static struct pending pending;
  struct sending sending = {.due = now()};
  struct faults faults = {.fps = argc > 2 ? atof(argv[2]) : 0};
  if (argc < 3 || argc > 4 || faults.fps <= 0) errx(64, "usage: uvcsim DIR FPS [PORT]");
  signal(SIGPIPE, SIG_IGN);  // a host that went away is an error of write, which says so
  for (int i = 0; i < UVC_SIZES; i++) {
    load_pictures(argv[1], &uvc_sizes[i], "", &pictures[i]);
    load_pictures(argv[1], &uvc_sizes[i], "-black", &black[i]);
  }
  int port = argc > 3 ? atoi(argv[3]) : 0;
  uvc_set_number(port + 1);
  int socket = usbip_plug(port);

  bool has_input = true;
  for (;;) {
    struct pollfd polled[] = {{.fd = socket, .events = POLLIN}, {.fd = has_input ? STDIN_FILENO : -1, .events = POLLIN}};
    if (poll(polled, 2, wait_ms(&pending, &sending, &faults)) < 0 && errno != EINTR) err(1, "poll");
    if (polled[1].revents) has_input = read_faults(&faults);
    if (polled[0].revents) {
      serve_request(socket, &pending, &sending, &faults);
      continue;  // the host's requests go first: one of them may take a transfer back
    }
    if (faults.frozen || pending.count == 0) continue;
    if (!sending.bytes && now() >= sending.due) {
      start_picture(&sending, &(faults.dark ? black : pictures)[uvc_chosen_size()], &faults);
    }
    while (sending.bytes && pending.count > 0) {
      struct usbip_request request = take(&pending, 0);
      send_payload(socket, &request, &sending, &faults);
    }
  }
}
