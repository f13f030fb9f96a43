import { SimulatedCamera } from '../../../support/simulated-camera.ts';

/** The USB camera of the checks: one at a time, pulled and plugged in again as they want it. */
export class PluggedCamera {
  #camera: SimulatedCamera | undefined;

  async plug(): Promise<void> {
    this.#camera = await SimulatedCamera.plug();
  }

  async unplug(): Promise<void> {
    await this.#camera?.unplug();
  }

  get path(): string {
    return this.#plugged().path;
  }

  get metadataPath(): string {
    return this.#plugged().metadataPath;
  }

  /** Inject a fault: see `SimulatedCamera.tell`. */
  tell(command: string): void {
    this.#plugged().tell(command);
  }

  #plugged(): SimulatedCamera {
    if (this.#camera === undefined) throw new Error('the camera was never plugged in');
    return this.#camera;
  }
}
