/** Where a line ends, in pixels from the top left, and what it is called. */
export interface LineEnd {
  readonly series: string;
  readonly x: number;
  readonly y: number;
}

export interface LineLabel extends LineEnd {
  /** Height of its label, at the right of the picture. */
  readonly labelY: number;
}

const SPACING = 15;

/** Labels as near to the ends of their lines as they can be without one over another, from 0 to `height`. */
export function spreadLabels(ends: readonly LineEnd[], height: number): LineLabel[] {
  const sorted = ends.toSorted((a, b) => a.y - b.y);
  const heights = sorted.map(({ y }) => y);
  // Down from above, then up from below where the last of them has left the picture.
  for (let i = 1; i < heights.length; i++) heights[i] = Math.max(heights[i], heights[i - 1] + SPACING);
  let below = height + SPACING;
  for (let i = heights.length - 1; i >= 0; i--) {
    heights[i] = Math.min(heights[i], below - SPACING);
    below = heights[i];
  }
  return sorted.map((end, i) => ({ ...end, labelY: heights[i] }));
}
