// The device's end of the kernel's USB/IP protocol (Documentation/usb/usbip_protocol.rst), over a socket handed to vhci_hcd.
#ifndef USBIP_H
#define USBIP_H

#include <linux/usb/ch9.h>
#include <stddef.h>
#include <stdint.h>

#define USBIP_MAX_TRANSFER (64 * 1024)

enum usbip_command { USBIP_CMD_SUBMIT = 1, USBIP_CMD_UNLINK = 2, USBIP_RET_SUBMIT = 3, USBIP_RET_UNLINK = 4 };

// One request of the host, in host byte order (the setup packet excepted, which is little-endian as on any USB).
struct usbip_request {
  uint32_t command;
  uint32_t sequence;
  uint32_t to_host;  // 1: the device sends data
  uint32_t endpoint;
  uint32_t unlink_sequence;  // CMD_UNLINK: the request to take back
  uint32_t length;           // CMD_SUBMIT: bytes to transfer
  struct usb_ctrlrequest setup;
};

// Plugs a high-speed device into a port of vhci_hcd. Returns the socket to serve it on; ends the program if it cannot.
int usbip_plug(int port);

// Reads one request, and into `data` what comes with it. Ends the program, cleanly, when the host let go of the device.
void usbip_read(int socket, struct usbip_request *request, uint8_t data[USBIP_MAX_TRANSFER]);

// Answers CMD_SUBMIT. `status` is 0 or a negative errno; `data` is sent if the request is to_host.
void usbip_reply(int socket, const struct usbip_request *request, int status, const void *data, uint32_t length);

// Answers CMD_UNLINK: -ECONNRESET if the request was still waiting, 0 if it had been answered already.
void usbip_reply_unlink(int socket, const struct usbip_request *request, int status);

#endif
