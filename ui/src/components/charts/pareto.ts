/** Which points no other beats in both figures. Pure. */

export interface Weighed {
  key: string;
  /** Less is better. */
  cost: number;
  quality: number;
}

/**
 * The keys of the front, the cheapest first: for each of them nothing is as good and cheaper, or as cheap and better.
 * With `lowerIsBetter`, less quality is better (an error, say).
 */
export function paretoFront(points: readonly Weighed[], lowerIsBetter = false): string[] {
  const sign = lowerIsBetter ? -1 : 1;
  const ordered = [...points].sort((a, b) => a.cost - b.cost || sign * (b.quality - a.quality));
  const front: Weighed[] = [];
  for (const point of ordered) {
    const last = front.at(-1);
    const isBetter = last === undefined || sign * (point.quality - last.quality) > 0;
    const isSame = last !== undefined && point.cost === last.cost && point.quality === last.quality;
    if (isBetter || isSame) front.push(point);
  }
  return front.map((point) => point.key);
}
