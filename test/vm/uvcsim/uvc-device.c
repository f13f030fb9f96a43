#include "uvc-device.h"

#include <endian.h>
#include <linux/usb/video.h>
#include <string.h>

const struct uvc_size uvc_sizes[UVC_SIZES] = {{640, 480}, {1280, 720}, {1920, 1080}};

// Frame intervals in UVC's unit of 100 ns.
#define FPS_30 333333
#define FPS_15 666666
#define FPS_5 2000000

enum interface { VIDEO_CONTROL = 0, VIDEO_STREAMING = 1 };
enum entity { CAMERA_TERMINAL = 1, PROCESSING_UNIT = 2, OUTPUT_TERMINAL = 3 };
enum string { STRING_LANGUAGES = 0, STRING_VENDOR = 1, STRING_PRODUCT = 2, STRING_SERIAL = 3 };

static char serial[] = "SIM0001";
static const char *const STRINGS[] = {
    [STRING_VENDOR] = "cambox",
    [STRING_PRODUCT] = "Simulated UVC Camera",
    [STRING_SERIAL] = serial,
};

void uvc_set_number(int number) {
  serial[sizeof serial - 2] = '0' + number % 10;
}

#define LE16(value) (uint8_t)(value), (uint8_t)((value) >> 8)
#define LE32(value) LE16((value) & 0xffff), LE16((uint32_t)(value) >> 16)

static const uint8_t DEVICE_DESCRIPTOR[] = {
    USB_DT_DEVICE_SIZE, USB_DT_DEVICE,
    LE16(0x0200),                // USB 2.0
    USB_CLASS_MISC, 2, 1,        // interfaces are grouped by an association descriptor
    64,                          // control packet size
    LE16(0x1d6b), LE16(0x0102),  // vendor: Linux Foundation; product: its webcam gadget
    LE16(0x0100),
    STRING_VENDOR, STRING_PRODUCT, STRING_SERIAL,
    1,                           // configurations
};

#define ASSOCIATION_LENGTH 8
#define CONTROL_LENGTH (13 + 18 + 11 + 9)
#define FRAME_LENGTH (26 + 3 * 4)
#define STREAMING_LENGTH (14 + 11 + UVC_SIZES * FRAME_LENGTH + 6)
#define CONFIG_LENGTH                                                                                              \
  (USB_DT_CONFIG_SIZE + ASSOCIATION_LENGTH + USB_DT_INTERFACE_SIZE + CONTROL_LENGTH + USB_DT_INTERFACE_SIZE +      \
   STREAMING_LENGTH + USB_DT_ENDPOINT_SIZE)

#define FRAME_DESCRIPTOR(index, width, height)                                                                     \
  FRAME_LENGTH, USB_DT_CS_INTERFACE, UVC_VS_FRAME_MJPEG, index, 0, LE16(width), LE16(height),                      \
      LE32(width * height * 16 * 5),  /* least bit rate */                                                         \
      LE32(width * height * 16 * 30), /* greatest bit rate */                                                      \
      LE32(width * height * 2),       /* frame buffer */                                                           \
      LE32(FPS_30), 3, LE32(FPS_30), LE32(FPS_15), LE32(FPS_5)

static const uint8_t CONFIG_DESCRIPTOR[] = {
    // Configuration: 2 interfaces, bus-powered, 500 mA
    USB_DT_CONFIG_SIZE, USB_DT_CONFIG, LE16(CONFIG_LENGTH), 2, 1, 0, USB_CONFIG_ATT_ONE, 250,
    // Both interfaces are one camera
    ASSOCIATION_LENGTH, USB_DT_INTERFACE_ASSOCIATION, VIDEO_CONTROL, 2,
    USB_CLASS_VIDEO, UVC_SC_VIDEO_INTERFACE_COLLECTION, 0, STRING_PRODUCT,

    // Interface 0: control; no endpoint of its own
    USB_DT_INTERFACE_SIZE, USB_DT_INTERFACE, VIDEO_CONTROL, 0, 0, USB_CLASS_VIDEO, UVC_SC_VIDEOCONTROL, 0, STRING_PRODUCT,
    // Header: UVC 1.0, 48 MHz clock, one streaming interface
    13, USB_DT_CS_INTERFACE, UVC_VC_HEADER, LE16(0x0100), LE16(CONTROL_LENGTH), LE32(48000000), 1, VIDEO_STREAMING,
    // Camera terminal without optics controls
    18, USB_DT_CS_INTERFACE, UVC_VC_INPUT_TERMINAL, CAMERA_TERMINAL, LE16(UVC_ITT_CAMERA), 0, 0,
    LE16(0), LE16(0), LE16(0), 3, 0, 0, 0,
    // Processing unit with one control (bit 0): brightness
    11, USB_DT_CS_INTERFACE, UVC_VC_PROCESSING_UNIT, PROCESSING_UNIT, CAMERA_TERMINAL, LE16(0), 2, 1, 0, 0,
    // Output terminal
    9, USB_DT_CS_INTERFACE, UVC_VC_OUTPUT_TERMINAL, OUTPUT_TERMINAL, LE16(UVC_TT_STREAMING), 0, PROCESSING_UNIT, 0,

    // Interface 1: streaming over one bulk endpoint, which needs no alternate settings to reserve bandwidth
    USB_DT_INTERFACE_SIZE, USB_DT_INTERFACE, VIDEO_STREAMING, 0, 1, USB_CLASS_VIDEO, UVC_SC_VIDEOSTREAMING, 0, 0,
    // Header: one format
    14, USB_DT_CS_INTERFACE, UVC_VS_INPUT_HEADER, 1, LE16(STREAMING_LENGTH), USB_DIR_IN | UVC_STREAM_ENDPOINT,
    0, OUTPUT_TERMINAL, 0, 0, 0, 1, 0,
    // Format 1: MJPEG, default frame index 1
    11, USB_DT_CS_INTERFACE, UVC_VS_FORMAT_MJPEG, 1, UVC_SIZES, 1, 1, 0, 0, 0, 0,
    FRAME_DESCRIPTOR(1, 640, 480),
    FRAME_DESCRIPTOR(2, 1280, 720),
    FRAME_DESCRIPTOR(3, 1920, 1080),
    // Colours: sRGB primaries and transfer, BT.601 matrix
    6, USB_DT_CS_INTERFACE, UVC_VS_COLORFORMAT, 1, 1, 4,
    USB_DT_ENDPOINT_SIZE, USB_DT_ENDPOINT, USB_DIR_IN | UVC_STREAM_ENDPOINT, USB_ENDPOINT_XFER_BULK, LE16(512), 0,
};

_Static_assert(sizeof CONFIG_DESCRIPTOR == CONFIG_LENGTH, "the lengths inside the descriptor are wrong");

// UVC 1.0 negotiates with the first 26 bytes of what later versions extended.
#define NEGOTIATION_LENGTH 26

static struct uvc_streaming_control chosen = {.bFrameIndex = 1, .dwFrameInterval = FPS_30};
static int16_t brightness = 128;

int uvc_chosen_size(void) {
  return chosen.bFrameIndex >= 1 && chosen.bFrameIndex <= UVC_SIZES ? chosen.bFrameIndex - 1 : 0;
}

// Turns what the host would like into what the camera can do.
static void settle(struct uvc_streaming_control *asked) {
  asked->bFormatIndex = 1;
  if (asked->bFrameIndex < 1 || asked->bFrameIndex > UVC_SIZES) asked->bFrameIndex = 1;
  uint32_t interval = le32toh(asked->dwFrameInterval);
  if (interval <= FPS_30) {
    interval = FPS_30;
  } else if (interval <= FPS_15) {
    interval = FPS_15;
  } else {
    interval = FPS_5;
  }
  asked->dwFrameInterval = htole32(interval);
  const struct uvc_size *size = &uvc_sizes[asked->bFrameIndex - 1];
  asked->dwMaxVideoFrameSize = htole32(size->width * size->height * 2);
  asked->dwMaxPayloadTransferSize = htole32(UVC_MAX_PAYLOAD);
}

static int put(uint8_t *to_host, const void *data, int length) {
  memcpy(to_host, data, length);
  return length;
}

static int put16(uint8_t *to_host, uint16_t value) {
  uint16_t little = htole16(value);
  return put(to_host, &little, sizeof little);
}

static int put8(uint8_t *to_host, uint8_t value) {
  return put(to_host, &value, sizeof value);
}

static int string_descriptor(int index, uint8_t *to_host) {
  if (index == STRING_LANGUAGES) {
    const uint8_t english[] = {4, USB_DT_STRING, LE16(0x0409)};
    return put(to_host, english, sizeof english);
  }
  if (index > STRING_SERIAL) return -1;
  const char *text = STRINGS[index];
  int length = 2 + 2 * strlen(text);
  to_host[0] = length;
  to_host[1] = USB_DT_STRING;
  for (int i = 0; text[i]; i++) put16(to_host + 2 + 2 * i, text[i]);
  return length;
}

static int standard_request(const struct usb_ctrlrequest *setup, uint8_t *to_host) {
  int value = le16toh(setup->wValue);
  switch (setup->bRequest) {
    case USB_REQ_GET_DESCRIPTOR:
      switch (value >> 8) {
        case USB_DT_DEVICE:
          return put(to_host, DEVICE_DESCRIPTOR, sizeof DEVICE_DESCRIPTOR);
        case USB_DT_CONFIG:
          return put(to_host, CONFIG_DESCRIPTOR, sizeof CONFIG_DESCRIPTOR);
        case USB_DT_STRING:
          return string_descriptor(value & 0xff, to_host);
        default:
          return -1;
      }
    case USB_REQ_GET_STATUS:
      return put16(to_host, 0);
    case USB_REQ_GET_CONFIGURATION:
      return put8(to_host, 1);
    case USB_REQ_GET_INTERFACE:
      return put8(to_host, 0);
    case USB_REQ_CLEAR_FEATURE:
    case USB_REQ_SET_FEATURE:
    case USB_REQ_SET_ADDRESS:
    case USB_REQ_SET_CONFIGURATION:
    case USB_REQ_SET_INTERFACE:
      return 0;
    default:
      return -1;
  }
}

// The negotiation of size and rate; the driver probes first and commits then, and both look the same from here.
static int streaming_request(const struct usb_ctrlrequest *setup, const uint8_t *from_host, uint8_t *to_host) {
  struct uvc_streaming_control answer = chosen;
  switch (setup->bRequest) {
    case UVC_SET_CUR: {
      int length = le16toh(setup->wLength);
      memcpy(&chosen, from_host, length < NEGOTIATION_LENGTH ? length : NEGOTIATION_LENGTH);
      settle(&chosen);
      return 0;
    }
    case UVC_GET_INFO:
      return put8(to_host, UVC_CONTROL_CAP_GET | UVC_CONTROL_CAP_SET);
    case UVC_GET_LEN:
      return put16(to_host, NEGOTIATION_LENGTH);
    case UVC_GET_MIN:
      answer.bFrameIndex = 1;
      break;
    default:
      break;
  }
  settle(&answer);
  return put(to_host, &answer, NEGOTIATION_LENGTH);
}

static int brightness_request(const struct usb_ctrlrequest *setup, const uint8_t *from_host, uint8_t *to_host) {
  switch (setup->bRequest) {
    case UVC_SET_CUR:
      brightness = from_host[0] | from_host[1] << 8;
      return 0;
    case UVC_GET_CUR:
      return put16(to_host, brightness);
    case UVC_GET_MIN:
      return put16(to_host, 0);
    case UVC_GET_MAX:
      return put16(to_host, 255);
    case UVC_GET_RES:
      return put16(to_host, 1);
    case UVC_GET_DEF:
      return put16(to_host, 128);
    case UVC_GET_LEN:
      return put16(to_host, sizeof brightness);
    case UVC_GET_INFO:
      return put8(to_host, UVC_CONTROL_CAP_GET | UVC_CONTROL_CAP_SET);
    default:
      return -1;
  }
}

static int class_request(const struct usb_ctrlrequest *setup, const uint8_t *from_host, uint8_t *to_host) {
  int selector = le16toh(setup->wValue) >> 8;
  int entity = le16toh(setup->wIndex) >> 8;
  int interface = le16toh(setup->wIndex) & 0xff;
  if (interface == VIDEO_STREAMING && (selector == UVC_VS_PROBE_CONTROL || selector == UVC_VS_COMMIT_CONTROL)) {
    return streaming_request(setup, from_host, to_host);
  }
  if (interface == VIDEO_CONTROL && entity == PROCESSING_UNIT && selector == UVC_PU_BRIGHTNESS_CONTROL) {
    return brightness_request(setup, from_host, to_host);
  }
  if (interface == VIDEO_CONTROL && entity == 0 && selector == UVC_VC_REQUEST_ERROR_CODE_CONTROL) {
    return put8(to_host, 0);
  }
  return -1;
}

int uvc_control(const struct usb_ctrlrequest *setup, const uint8_t *from_host, uint8_t to_host[UVC_CONTROL_MAX]) {
  switch (setup->bRequestType & USB_TYPE_MASK) {
    case USB_TYPE_STANDARD:
      return standard_request(setup, to_host);
    case USB_TYPE_CLASS:
      return class_request(setup, from_host, to_host);
    default:
      return -1;
  }
}
