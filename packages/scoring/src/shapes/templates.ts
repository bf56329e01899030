/** A shape as a polyline: what the price does over the window, from its lowest (0) to its highest point (1). */
export interface ShapeTemplate {
  readonly name: string;
  /** What the market takes it for. */
  readonly side: 'bear' | 'bull';
  /** Corners as time (0 to 1, ascending) and price (0 to 1); straight lines between them. */
  readonly corners: readonly (readonly [time: number, price: number])[];
}

/** Bull shapes; each is worth its mirror as a bear shape. */
const bull: readonly (readonly [name: string, mirror: string, corners: ShapeTemplate['corners']])[] = [
  [
    'double-bottom',
    'double-top',
    [
      [0, 1],
      [0.28, 0],
      [0.5, 0.6],
      [0.72, 0],
      [1, 1],
    ],
  ],
  [
    'inverse-head-and-shoulders',
    'head-and-shoulders',
    [
      [0, 1],
      [0.18, 0.4],
      [0.32, 0.8],
      [0.5, 0],
      [0.68, 0.8],
      [0.82, 0.4],
      [1, 1],
    ],
  ],
  [
    'cup-and-handle',
    'inverse-cup-and-handle',
    [
      [0, 1],
      [0.08, 0.5],
      [0.18, 0.18],
      [0.36, 0],
      [0.54, 0.18],
      [0.64, 0.5],
      [0.72, 0.98],
      [0.86, 0.72],
      [1, 1],
    ],
  ],
  [
    'bull-flag',
    'bear-flag',
    [
      [0, 0],
      [0.35, 1],
      [0.5, 0.78],
      [0.62, 0.88],
      [0.78, 0.66],
      [0.9, 0.76],
      [1, 0.95],
    ],
  ],
  [
    'ascending-triangle',
    'descending-triangle',
    [
      [0, 0],
      [0.2, 0.97],
      [0.38, 0.33],
      [0.56, 0.97],
      [0.7, 0.6],
      [0.84, 0.97],
      [0.92, 0.82],
      [1, 1],
    ],
  ],
  [
    'rounding-bottom',
    'rounding-top',
    [
      [0, 1],
      [0.12, 0.58],
      [0.25, 0.25],
      [0.38, 0.06],
      [0.5, 0],
      [0.62, 0.06],
      [0.75, 0.25],
      [0.88, 0.58],
      [1, 1],
    ],
  ],
];

/** The shapes that are looked for where none are given: six and their mirrors. Data, to be replaced by your own. */
export const shapeTemplates: readonly ShapeTemplate[] = bull.flatMap(([name, mirror, corners]): ShapeTemplate[] => [
  { name, side: 'bull', corners },
  { name: mirror, side: 'bear', corners: corners.map(([time, price]) => [time, round(1 - price)] as const) },
]);

/** The template's prices at `length` equal times, lowest 0 and highest 1. */
export function sampleTemplate({ corners }: ShapeTemplate, length: number): Float64Array {
  const values = new Float64Array(length);
  for (let i = 0, k = 1; i < length; i++) {
    const time = i / (length - 1);
    while (k < corners.length - 1 && corners[k]![0] < time) k++;
    const [t0, p0] = corners[k - 1]!;
    const [t1, p1] = corners[k]!;
    values[i] = p0 + ((p1 - p0) * (time - t0)) / (t1 - t0);
  }
  stretch(values);
  return values;
}

/** Stretches values to 0…1 in place and gives how high they were; the values are left alone when that is 0. */
export function stretch(values: Float64Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const height = high - low;
  if (height > 0) for (let i = 0; i < values.length; i++) values[i] = (values[i]! - low) / height;
  return height;
}

/** 1 − 0.72 is 0.28, not 0.28000000000000003. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
