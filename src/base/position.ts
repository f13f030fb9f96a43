/** Where the box is, in degrees of WGS 84: north and east are positive. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  /** Above sea level, in metres. */
  readonly altitudeM?: number;
}
