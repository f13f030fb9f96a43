/*
 * The floor for a sender with UDP segmentation offload: what test/bench/rtp.ts compares cambox with when a C compiler is
 * there. Reads the same picture for every frame, walks to its scan, writes the RTP/JPEG headers and
 * hands the packets to the kernel as cambox does. No tables of other pictures, no decisions, no counters.
 *
 *   gso-sender FILE PORT FRAMES [FPS]
 *
 * With FPS it keeps that pace, and spreads a picture over half of its time in bursts of at most 64 packets, as cambox does.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PACKET = 1472, HEADER = 20, TABLES = 132, CHUNK = 44, BURST = 64, MAX_PACKETS = 4096 };

static uint8_t headers[MAX_PACKETS * HEADER + TABLES];

static size_t find_scan(const uint8_t *jpeg, size_t length) {
  for (size_t at = 2; at + 4 < length && jpeg[at] == 0xff;) {
    size_t end = at + 2 + (size_t)(jpeg[at + 2] << 8 | jpeg[at + 3]);
    if (jpeg[at + 1] == 0xda) return end;
    at = end;
  }
  return length;
}

static void sleep_until(int64_t ns) {
  struct timespec at = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  int file = open(argv[1], O_RDONLY);
  struct stat about;
  if (file < 0 || fstat(file, &about) != 0) return 1;
  size_t length = (size_t)about.st_size;
  uint8_t *jpeg = malloc(length);
  int frames = atoi(argv[3]);
  int64_t period = argc > 4 ? 1000000000 / atoi(argv[4]) : 0;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t start = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;

  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  struct iovec iov[CHUNK * 2];
  union {
    char bytes[CMSG_SPACE(sizeof(uint16_t))];
    struct cmsghdr align;
  } control = {0};
  struct msghdr message = {.msg_name = &to,
                           .msg_namelen = sizeof to,
                           .msg_iov = iov,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  struct cmsghdr *segment = CMSG_FIRSTHDR(&message);
  segment->cmsg_level = SOL_UDP;
  segment->cmsg_type = UDP_SEGMENT;
  segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  *(uint16_t *)CMSG_DATA(segment) = PACKET;

  uint16_t sequence = 0;
  for (int frame = 0; frame < frames; frame++) {
    if (period) sleep_until(start + frame * period);
    if (pread(file, jpeg, length, 0) != (ssize_t)length) return 1;
    size_t scan = find_scan(jpeg, length), end = length - 2, at = scan;
    uint8_t *header = headers;
    uint32_t timestamp = htonl((uint32_t)frame * 3000);
    int all = (int)((end - at + TABLES) / (PACKET - HEADER)) + 1;
    int bursts = period ? (all + BURST - 1) / BURST : 1, burst = (all + bursts - 1) / bursts, sent = 0;
    while (at < end) {
      if (sent > 0 && sent % burst == 0) sleep_until(start + frame * period + period / 2 * (sent / burst) / bursts);
      int packets = 0, most = burst - sent % burst < CHUNK ? burst - sent % burst : CHUNK;
      for (; packets < most && at < end; packets++) {
        size_t header_length = at == scan ? HEADER + TABLES : HEADER;
        size_t room = PACKET - header_length, left = end - at, payload = left < room ? left : room;
        uint16_t seq = htons(sequence++);
        uint32_t offset = htonl((uint32_t)(at - scan));
        header[0] = 0x80;
        header[1] = (uint8_t)(payload == left ? 26 | 0x80 : 26);
        memcpy(header + 2, &seq, 2);
        memcpy(header + 4, &timestamp, 4);
        memset(header + 8, 7, 4);
        memcpy(header + 12, &offset, 4);
        memcpy(header + 16, "\x01\xff\xf0\x87", 4);
        iov[packets * 2] = (struct iovec){header, header_length};
        iov[packets * 2 + 1] = (struct iovec){jpeg + at, payload};
        header += header_length;
        at += payload;
      }
      sent += packets;
      message.msg_iovlen = (size_t)packets * 2;
      if (sendmsg(fd, &message, MSG_DONTWAIT) < 0) perror("sendmsg");
    }
  }
  return 0;
}
