/**
 * What a camera does, as health, `cambox status` and MQTT tell it:
 *
 * - `starting`: it is being opened for the first time;
 * - `streaming`: pictures come;
 * - `recovering`: it broke, and a stage of the recovery ladder is at work;
 * - `lost`: it is not there. Unplugged is a state, not a failure: nothing is tried but to open it again;
 * - `failed`: it is there and does not work, whatever was tried, or something else keeps us from it (another program,
 *   no permission). It is tried again, ever more rarely;
 * - `stopped`: it is no longer in the config, or the daemon ends.
 */
export type CameraState = 'starting' | 'streaming' | 'recovering' | 'lost' | 'failed' | 'stopped';

/**
 * What is odd about the pictures of a camera that streams. `frozen`: the same picture again and again; `dark`: black, or
 * of one colour; `corrupt`: they look whole and cannot be decoded.
 */
export type CameraWarning = 'frozen' | 'dark' | 'corrupt';
