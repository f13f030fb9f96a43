/**
 * Value checks for the config schema. Each throws an Error whose message says what is allowed; the loader adds the key
 * and the value.
 */

type Check = (value: unknown) => void;

function demand(ok: boolean, allowed: string): void {
  if (!ok) throw new Error(`must be ${allowed}`);
}

export const integer =
  (least: number, most: number): Check =>
  (value) =>
    demand(Number.isInteger(value) && isNumberIn(value, least, most), `a whole number from ${least} to ${most}`);

export const numberIn =
  (least: number, most: number): Check =>
  (value) =>
    demand(isNumberIn(value, least, most), `a number from ${least} to ${most}`);

export const numberOrNull =
  (least: number, most: number): Check =>
  (value) =>
    demand(value === null || isNumberIn(value, least, most), `null or a number from ${least} to ${most}`);

export const integerOrNull =
  (least: number, most: number): Check =>
  (value) =>
    demand(
      value === null || (Number.isInteger(value) && isNumberIn(value, least, most)),
      `null or a whole number from ${least} to ${most}`,
    );

/** Names of classes, as clip.start takes them, with a number each. */
export const numbersByClass =
  (least: number, most: number): Check =>
  (value) =>
    demand(
      typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.entries(value).every(
          ([name, number]) => /^[a-z0-9-]{1,32}$/.test(name) && isNumberIn(number, least, most),
        ),
      `like {"alarm": 365}: names of 1 to 32 characters a-z, 0-9 and -, with numbers from ${least} to ${most}`,
    );

/** Of V4L2 controls: 32 bits, with a sign or without (a bitmask). */
const LEAST_CONTROL = -(2 ** 31);
const MOST_CONTROL = 2 ** 32 - 1;

/** Names of a camera's controls with what they shall be set to. */
export const controlValues: Check = (value) =>
  demand(
    typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.entries(value).every(([name, wanted]) => /^[a-z0-9_]{1,32}$/.test(name) && isControlValue(wanted)),
    'like {"auto_exposure": "Manual Mode", "exposure_time_absolute": 156}: names as `cambox devices` shows them (a-z, 0-9 and _), ' +
      'each with a whole number of 32 bits, true, false, or a text: the item of a menu',
  );

const isControlValue = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'string' && value !== '') ||
  (Number.isInteger(value) && isNumberIn(value, LEAST_CONTROL, MOST_CONTROL));

const isNumberIn = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

/** Ids stand in topics, file names and certificate names. */
export const id: Check = (value) =>
  demand(typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value), 'an id of 1 to 64 characters a-z, 0-9 and -');

export const text: Check = (value) => demand(typeof value === 'string', 'a string');

export const nonEmptyText: Check = (value) => demand(typeof value === 'string' && value !== '', 'a non-empty string');

/** Of a camera's pictures, in pixels. */
export const MOST_SIDE = 8192;

/** Refuses early what capture/source-name.ts would refuse when the camera is opened. */
export const source: Check = (value) => {
  nonEmptyText(value);
  const name = value as string;
  if (name.startsWith('usb:')) {
    demand(
      /^usb:[0-9a-f]{4}:[0-9a-f]{4}(:.+)?$/i.test(name),
      'usb:VID:PID or usb:VID:PID:SERIAL, VID and PID four digits',
    );
  }
  if (name.startsWith('synthetic')) {
    const [, ...sides] = /^synthetic(?::(\d+)x(\d+))?$/.exec(name) ?? ['', '0'];
    const areSides = sides.every((side) => side === undefined || isNumberIn(Number(side), 1, MOST_SIDE));
    demand(areSides, `synthetic:WIDTHxHEIGHT, e.g. synthetic:1920x1080, at most ${MOST_SIDE} a side`);
  }
  if (/^(serial|path):/.test(name)) demand(/^(serial|path):.+$/.test(name), 'serial:SERIAL or path:ID_PATH');
};

export const pixelFormat: Check = (value) =>
  demand(
    typeof value === 'string' && /^(auto|[A-Z0-9]{4})$/.test(value),
    'auto, or the name of a V4L2 format such as MJPG, YUYV or NV12',
  );

export const list: Check = (value) => demand(Array.isArray(value), 'a list');

export const brokerUrl: Check = (value) => {
  const allowed = '"" (no MQTT) or a URL such as mqtt://host:1883 or mqtts://host:8883';
  demand(typeof value === 'string', allowed);
  if (value === '') return;
  const url = URL.parse(value as string);
  demand(url !== null && (url.protocol === 'mqtt:' || url.protocol === 'mqtts:') && url.hostname !== '', allowed);
  demand(
    url?.username === '' && url.password === '',
    'a URL without a user or password: use mqtt.username and mqtt.password_file',
  );
};

/** `clip.export` sends nowhere else: what a requester could choose, it could make the box call. */
export const exportPlace: Check = (value) => {
  const allowed =
    '"" (nowhere), a folder from / on, or an address such as https://files.example/box-1/, without user, ? and #';
  demand(typeof value === 'string', allowed);
  const place = value as string;
  if (place === '' || place.startsWith('/')) return;
  const url = URL.parse(place);
  const isPlain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  demand(url?.protocol === 'https:' && isPlain, allowed);
};

/** Bech32 of an X25519 key, as age-keygen makes it; its checksum is looked at when something is sealed. */
export const PUBLIC_KEY = /^age1[02-9ac-hj-np-z]{58}$/;

export const publicKeys: Check = (value) =>
  demand(
    Array.isArray(value) && value.every((key) => typeof key === 'string' && PUBLIC_KEY.test(key)),
    'a list of public keys of age, age1 and 58 characters each',
  );
