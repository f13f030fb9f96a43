import type { EncoderName, EncoderWish } from '../../base/encoder-names.ts';
import { ENCODER_NAMES } from '../../base/encoder-names.ts';

/** What a probe found of an encoder, for one size and one set of arguments. */
export type EncoderVerdict = WorkingEncoder | FailingEncoder;

export interface WorkingEncoder {
  readonly works: true;
  /** How like its worst picture was to the camera's, as PSNR of small copies. */
  readonly likenessDb: number;
  /** False when a later probe may find otherwise: it is not kept over a restart. */
  readonly lasting: boolean;
}

export interface FailingEncoder {
  readonly works: false;
  readonly reason: string;
  readonly lasting: boolean;
}

/** For the log. */
export const verdictFields = (verdict: EncoderVerdict): Readonly<Record<string, unknown>> =>
  verdict.works
    ? { works: true, likeness_db: verdict.likenessDb, lasting: verdict.lasting }
    : { works: false, reason: verdict.reason, lasting: verdict.lasting };

/** What is known of an encoder when one is chosen. */
export interface EncoderStanding {
  /** Undefined: not probed yet. */
  readonly verdict: EncoderVerdict | undefined;
  /** Why it was given up at run time. */
  readonly demoted: string | undefined;
  /** This machine has no such device (and so no verdict). */
  readonly missing: boolean;
  /** It cannot be told how to pad pictures before one has been seen. */
  readonly needsSize: boolean;
}

export interface EncoderChoice {
  readonly encoder: EncoderName;
  /** Why not the one that was asked for, or that stands before it in the order; undefined when there is nothing to say. */
  readonly reason: string | undefined;
}

/** In this order encoders are tried: the one asked for, then ours. */
export function candidates(wish: EncoderWish): readonly EncoderName[] {
  if (wish === 'copy') return ['copy'];
  if (wish === 'auto') return ENCODER_NAMES;
  return [wish, ...ENCODER_NAMES.filter((name) => name !== wish)];
}

/**
 * The best encoder that is known to work; `copy` when there is none. One that is asked for by its name is taken at its
 * word as long as nothing is known against it. `avoid` have failed in this very clip. Pure.
 */
export function chooseEncoder(
  wish: EncoderWish,
  avoid: readonly EncoderName[],
  standingOf: (name: EncoderName) => EncoderStanding,
): EncoderChoice {
  const passedOver: string[] = [];
  for (const encoder of candidates(wish)) {
    const objection = avoid.includes(encoder)
      ? 'it failed in this clip'
      : objectionTo(encoder, wish, standingOf(encoder));
    if (objection === undefined) {
      return { encoder, reason: passedOver.length === 0 ? undefined : passedOver.join('; ') };
    }
    if (objection !== 'missing') passedOver.push(`${encoder}: ${objection}`);
    else if (encoder === wish) passedOver.push(`${encoder}: this machine has no such device`);
  }
  return { encoder: 'copy', reason: undefined };
}

/** True when a probe could find a better encoder than the one that would be chosen now. Pure. */
export function isUndecided(wish: EncoderWish, standingOf: (name: EncoderName) => EncoderStanding): boolean {
  for (const name of candidates(wish)) {
    const { verdict, demoted, missing } = standingOf(name);
    if (name === 'copy' || (verdict?.works && demoted === undefined)) return false;
    if (verdict === undefined && demoted === undefined && !missing) return true;
  }
  return false;
}

function objectionTo(name: EncoderName, wish: EncoderWish, standing: EncoderStanding): string | undefined {
  if (name === 'copy') return undefined;
  const { verdict, demoted, missing, needsSize } = standing;
  if (demoted !== undefined) return demoted;
  if (missing) return 'missing';
  if (needsSize) return 'no picture has been seen yet';
  if (verdict === undefined) return name === wish ? undefined : 'not probed yet';
  return verdict.works ? undefined : verdict.reason;
}
