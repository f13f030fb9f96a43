/**
 * A key frame, from which players can begin, each second of capture time, whatever the frame rate does. The
 * first one is named by itself, as there is no time before it.
 */
export const EACH_SECOND = ['-force_key_frames', 'expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1))'] as const;

/** For encoders that do not listen to that (h264_nvmpi, h264_rkmpp): a key frame every two seconds, counted in pictures. */
export const groupOfPictures = (fps: number): readonly string[] => ['-g', String(Math.max(2, Math.round(2 * fps)))];
