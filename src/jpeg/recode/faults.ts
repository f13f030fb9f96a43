/** Why a scan cannot be coded anew. All but `output_full` mean that the picture is damaged or no baseline picture. */
export type RecodeFault =
  // its tables
  | 'bad_huffman_table'
  | 'huffman_table_missing'
  // its entropy-coded bytes
  | 'bad_code'
  | 'no_standard_code'
  | 'block_overflow'
  | 'dc_overflow'
  | 'misplaced_marker'
  | 'restart_missing'
  | 'restart_out_of_order'
  | 'scan_too_short'
  // the place it is written to
  | 'output_full';
