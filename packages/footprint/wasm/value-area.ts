/** The value area over the volumes in the ladder's free slots. */

// @ts-ignore: decorator
@inline
function volumeAt(lowest: usize, row: i32): i64 {
  return load<i64>(lowest + ((<usize>row) << 6), 16);
}

/** The highest row above the lowest one, in one number; the rule of `src/internal/dense-area.ts`. */
export function valueArea(lowest: usize, count: i32, poc: i32, most: i64, target: i64, step: i32): i64 {
  const top = count - 1;
  let down = poc;
  let up = poc;
  let volume = most;
  while (volume < target && (down > 0 || up < top)) {
    let above: i64 = 0;
    if (up < top) above += volumeAt(lowest, up + 1);
    if (step == 2 && up + 1 < top) above += volumeAt(lowest, up + 2);
    let below: i64 = 0;
    if (down > 0) below += volumeAt(lowest, down - 1);
    if (step == 2 && down > 1) below += volumeAt(lowest, down - 2);
    if (down == 0 || (up < top && above >= below)) {
      up = min(up + step, top);
      volume += above;
    } else {
      down = max(down - step, 0);
      volume += below;
    }
  }
  while (volumeAt(lowest, up) == 0) up -= 1;
  while (volumeAt(lowest, down) == 0) down += 1;
  return ((<i64>up) << 32) | (<i64>down);
}
