#include "usbip.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ATTACH_FILE "/sys/devices/platform/vhci_hcd.0/attach"

// Big-endian on the wire, 48 bytes, whatever the message.
struct wire_request {
  uint32_t command, sequence, device, to_host, endpoint;
  uint32_t flags_or_unlink_sequence, length, start_frame, packets, interval;
  struct usb_ctrlrequest setup;
};

struct wire_reply {
  uint32_t command, sequence, device, to_host, endpoint;
  uint32_t status, length, start_frame, packets, errors;
  uint8_t padding[8];
};

_Static_assert(sizeof(struct wire_request) == 48, "a USB/IP header has 48 bytes");
_Static_assert(sizeof(struct wire_reply) == 48, "a USB/IP header has 48 bytes");

int usbip_plug(int port) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0) err(1, "socketpair");
  int attach = open(ATTACH_FILE, O_WRONLY);
  if (attach < 0) err(1, "%s (modprobe vhci_hcd)", ATTACH_FILE);
  int device_id = 1 << 16 | 2;  // bus 1, device 2 of the imagined remote machine: any number will do
  if (dprintf(attach, "%d %d %d %d", port, sockets[1], device_id, USB_SPEED_HIGH) < 0) {
    err(1, "plug into port %d", port);
  }
  close(attach);
  close(sockets[1]);  // the kernel holds it now
  return sockets[0];
}

static void read_whole(int socket, void *into, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t got = read(socket, (uint8_t *)into + done, length - done);
    if (got < 0) err(1, "read from vhci_hcd");
    if (got == 0) {
      fprintf(stderr, "uvcsim: detached by the host\n");
      exit(0);
    }
    done += got;
  }
}

static void write_whole(int socket, const void *from, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t put = write(socket, (const uint8_t *)from + done, length - done);
    if (put < 0) err(1, "write to vhci_hcd");
    done += put;
  }
}

void usbip_read(int socket, struct usbip_request *request, uint8_t data[USBIP_MAX_TRANSFER]) {
  struct wire_request wire;
  read_whole(socket, &wire, sizeof wire);
  *request = (struct usbip_request){
      .command = ntohl(wire.command),
      .sequence = ntohl(wire.sequence),
      .to_host = ntohl(wire.to_host),
      .endpoint = ntohl(wire.endpoint),
      .unlink_sequence = ntohl(wire.flags_or_unlink_sequence),
      .length = ntohl(wire.length),
      .setup = wire.setup,
  };
  if (request->command != USBIP_CMD_SUBMIT || request->to_host) return;
  if (request->length > USBIP_MAX_TRANSFER) errx(1, "the host sends %u bytes at once", request->length);
  read_whole(socket, data, request->length);
}

void usbip_reply(int socket, const struct usbip_request *request, int status, const void *data, uint32_t length) {
  struct {
    struct wire_reply header;
    uint8_t data[USBIP_MAX_TRANSFER];
  } message;
  size_t data_length = request->to_host ? length : 0;
  message.header = (struct wire_reply){
      .command = htonl(USBIP_RET_SUBMIT),
      .sequence = htonl(request->sequence),
      .status = htonl(status),
      .length = htonl(length),
  };
  if (data_length > 0) memcpy(message.data, data, data_length);
  write_whole(socket, &message, sizeof message.header + data_length);
}

void usbip_reply_unlink(int socket, const struct usbip_request *request, int status) {
  struct wire_reply reply = {
      .command = htonl(USBIP_RET_UNLINK),
      .sequence = htonl(request->sequence),
      .status = htonl(status),
  };
  write_whole(socket, &reply, sizeof reply);
}
