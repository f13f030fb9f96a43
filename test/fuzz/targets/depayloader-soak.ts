import { monoPlus, monoUs } from '../../../src/base/units.ts';
import { JpegDepayloader } from '../../../src/rtp/jpeg-depayloader.ts';
import { unpackArrivals } from '../arrivals.ts';
import { SessionMaker } from '../packet-session.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';
import { assertCounts } from './depayloader.ts';

const PAUSE_US = 400_000;

/** One depayloader through all sessions, as in a receiver that runs for months: what it holds stays bounded. */
export const depayloaderSoakTarget: FuzzTarget = {
  name: 'depayloader-soak',
  share: 0.1,
  reasons: ['nothing'],
  remembers: true,
  open({ pictures }) {
    const maker = new SessionMaker(pictures);
    const depayloader = new JpegDepayloader({ payloadType: 26, onPicture: () => undefined });
    let now = monoUs(0);
    let pushed = 0;
    return {
      make: (random) => maker.next(random),
      check(input) {
        const before = depayloader.counts.frames;
        now = monoPlus(now, PAUSE_US); // some of the time long enough for another source to be followed
        for (const { packet, afterMs } of unpackArrivals(input)) {
          now = monoPlus(now, afterMs * 1000);
          pushed += 1;
          depayloader.push(packet, now);
        }
        assertCounts(depayloader.counts, pushed);
        return depayloader.counts.frames > before ? ACCEPTED : 'nothing';
      },
    };
  },
};
