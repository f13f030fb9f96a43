// What the simulated camera is to USB: its descriptors and its answers on the control endpoint (UVC 1.0).
#ifndef UVC_DEVICE_H
#define UVC_DEVICE_H

#include <linux/usb/ch9.h>
#include <stdint.h>

#define UVC_SIZES 3  // UVC's frame indexes from 1 on, in the order of uvc_sizes
// A payload with its header. uvcvideo's transfers have at most 32 packets of 512 bytes, and a payload that takes more than
// one transfer has a header in the first only. At this size each transfer is a payload of its own.
#define UVC_MAX_PAYLOAD (32 * 512)
#define UVC_STREAM_ENDPOINT 1
#define UVC_CONTROL_MAX 512

struct uvc_size {
  int width, height;
};
extern const struct uvc_size uvc_sizes[UVC_SIZES];

// Gives the camera a number, from 1: the end of its serial number, which tells cameras apart.
void uvc_set_number(int number);

// Runs a control request: `from_host` is what the host sent, `to_host` takes what the device answers.
// Returns the length of the answer (0 if the host sent), or -1 to refuse (a stall).
int uvc_control(const struct usb_ctrlrequest *setup, const uint8_t *from_host, uint8_t to_host[UVC_CONTROL_MAX]);

// Index into uvc_sizes of what the host has chosen.
int uvc_chosen_size(void);

#endif
